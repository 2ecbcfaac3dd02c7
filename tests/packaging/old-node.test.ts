import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { nodeProblem as serverProblem } from '../../server/start/supported-node.ts';
import { nodeProblem as clientProblem } from '../../tui-client/cli/supported-node.ts';
import { ClientProgram } from '../../tui-client/cli/testing/client-program.ts';
import { run } from '../clients/program.ts';
import { BuiltServer } from '../crash/built-server.ts';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const oldNode = findOldNode();
const withOldNode = oldNode === undefined ? describe.skip : describe;

describe.each([
  ['myftp-server', serverProblem],
  ['myftp-tui', clientProblem],
])('%s', (_program, nodeProblem) => {
  test('refuses what is older than "engines" says, and says what is needed', () => {
    const [, oldest = ''] = /^>=(\d+\.\d+)$/.exec(manifest.engines.node) ?? [];
    expect(nodeProblem(`${oldest}.0`)).toBeUndefined();
    for (const version of ['22.17.9', '20.20.2', '18.0.0', '9.11.2', '0.12.18']) {
      expect(nodeProblem(version)).toContain(`Node.js ${oldest} or later is required`);
      expect(nodeProblem(version)).toContain(version);
    }
  });

  test.each(['22.18.0', '22.99.0', '23.0.0', '24.22.3', '26.10.0', '27.0.0-nightly'])(
    'runs on %s',
    (version) => {
      expect(nodeProblem(version)).toBeUndefined();
    },
  );
});

withOldNode(
  `on the machine's own old Node${oldNode === undefined ? ' (there is none)' : ''}`,
  () => {
    let server: BuiltServer;
    let client: ClientProgram;

    beforeAll(async () => {
      [server, client] = await Promise.all([BuiltServer.build(), ClientProgram.prepare()]);
    });

    afterAll(() => Promise.all([server.dispose(), client.dispose()]));

    test('both programs end with one sentence and 78, whatever they are asked', async () => {
      for (const main of [server.main, client.main]) {
        for (const args of [[], ['--version'], ['--help']]) {
          const { code, stdout, stderr } = await run(oldNode ?? '', [main, ...args], { env: {} });
          expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
          expect(stderr).toMatch(
            /^myftp-(server|tui): Node\.js 22\.18 or later is required, .*\.\n$/,
          );
        }
      }
    });
  },
);

function findOldNode(): string | undefined {
  const directories = ['/usr/local/bin', '/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  return directories
    .map((directory) => join(directory, 'node'))
    .filter((file) => existsSync(file))
    .find((file) => {
      const [, major] = /^v(\d+)\./.exec(spawnSync(file, ['--version']).stdout.toString()) ?? [];
      return Number(major) < 22;
    });
}
