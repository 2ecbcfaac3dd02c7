import { join } from 'node:path';
import { inspectDatabase } from '../../db/inspect-database.ts';
import type { Settings } from '../config/settings.ts';
import { anonymousCheck } from './anonymous-check.ts';
import { certificateCheck } from './certificate-check.ts';
import { clockCheck } from './clock-check.ts';
import { databaseCheck } from './database-check.ts';
import { descriptorsCheck } from './descriptors-check.ts';
import { directoryChecks } from './directory-checks.ts';
import { type Check, type DoctorContext, type Finding, problem } from './finding.ts';
import { foldersCheck } from './folders-check.ts';
import { homesCheck } from './homes-check.ts';
import { lockCheck, lockingServer } from './lock-check.ts';
import { ownersCheck } from './owners-check.ts';
import { passiveRangeCheck } from './passive-range-check.ts';
import { passwordCheckCheck } from './password-check-check.ts';
import { implicitPortCheck, portCheck } from './port-checks.ts';
import { publicHostCheck } from './public-host-check.ts';
import { spaceCheck } from './space-check.ts';
import { stagingCheck } from './staging-check.ts';
import { koffiCheck, nodeCheck, procCheck } from './system-checks.ts';

const CHECKS: readonly Check[] = [
  nodeCheck,
  procCheck,
  koffiCheck,
  lockCheck,
  portCheck,
  implicitPortCheck,
  passiveRangeCheck,
  publicHostCheck,
  certificateCheck,
  passwordCheckCheck,
  ...directoryChecks,
  anonymousCheck,
  stagingCheck,
  homesCheck,
  ownersCheck,
  foldersCheck,
  spaceCheck,
  databaseCheck,
  descriptorsCheck,
  clockCheck,
];

/** Looks at everything that the server needs with these settings. Changes nothing, and never throws. */
export async function runChecks(settings: Settings): Promise<readonly Finding[]> {
  const context = await contextFor(settings);
  const findings: Finding[] = [];
  for (const check of CHECKS) findings.push(...(await findingsOf(check, context)));
  return findings;
}

/** State that the checks share. */
export async function contextFor(settings: Settings, now = Date.now): Promise<DoctorContext> {
  let inspection: ReturnType<DoctorContext['database']> | undefined;
  return {
    settings,
    now,
    serverPid: await lockingServer(settings.dataDir),
    database() {
      inspection ??= inspectDatabase(join(settings.dataDir, 'myftp.db'), settings);
      return inspection;
    },
  };
}

async function findingsOf(check: Check, context: DoctorContext): Promise<readonly Finding[]> {
  const { id } = check;
  try {
    return (await check.inspect(context)).map((verdict) => ({ id, ...verdict }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const verdict = problem(
      `This could not be checked: ${reason}.`,
      'Run doctor as the user that the server runs as, or as root.',
    );
    return [{ id, ...verdict }];
  }
}
