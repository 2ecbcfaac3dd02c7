#!/usr/bin/env node
import { nodeProblem } from './start/supported-node.ts';

/** Settings that cannot work (sysexits.h, EX_CONFIG). */
const UNSUPPORTED_NODE_EXIT_CODE = 78;

// Everything else is loaded after the check: some packages crash an old Node while they load.
const problem = nodeProblem(process.versions.node);
if (problem === undefined) {
  const { runProcess } = await import('./run-process.ts');
  await runProcess();
} else {
  process.stderr.write(`myftp-server: ${problem}\n`);
  process.exitCode = UNSUPPORTED_NODE_EXIT_CODE;
}
