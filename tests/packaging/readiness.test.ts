import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { builtServer } from '../built-programs.ts';
import { isInstalled, type RunningProgram, start } from '../clients/program.ts';
import { sourceEnvironment } from '../source-program.ts';

/** What systemd does with NOTIFY_SOCKET: prints each message in a line. */
const RECEIVER = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('bound', flush=True)
while True:
    # A barrier's descriptor is not taken, so the system closes it: that is the answer.
    print(receiver.recv(4096).decode().replace('\\n', ' | '), flush=True)
`;

const MAIN = builtServer();
const missing = ['systemd-notify', 'python3'].filter((program) => !isInstalled(program));

if (missing.length > 0) {
  test.skip(`readiness for systemd (${missing.join(' and ')} not installed)`, () => {});
} else {
  describe('readiness for systemd', () => {
    let directory: string;
    let receiver: RunningProgram;
    let messages: AsyncIterator<string>;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'myftp-notify-'));
      receiver = start('python3', ['-c', RECEIVER, join(directory, 'socket')]);
      messages = createInterface({ input: receiver.child.stdout })[Symbol.asyncIterator]();
      expect(await nextMessage()).toBe('bound');
    });

    afterAll(async () => {
      receiver.child.kill('SIGKILL');
      await receiver.ended;
      await rm(directory, { recursive: true, force: true });
    });

    async function nextMessage(): Promise<string> {
      const { value } = await messages.next();
      return value.startsWith('BARRIER=') ? nextMessage() : value;
    }

    test('is reported when clients can connect, and the stop when it begins', async () => {
      const server = start(process.execPath, [MAIN, '--port', '0'], {
        cwd: directory,
        env: { ...sourceEnvironment(), NOTIFY_SOCKET: join(directory, 'socket') },
      });
      expect(await nextMessage()).toMatch(
        /^READY=1 \| STATUS=Listening on ftp:\/\/127\.0\.0\.1:\d+ *\|? *$/,
      );
      server.child.kill('SIGTERM');
      expect(await nextMessage()).toMatch(/^STOPPING=1 \| STATUS=/);
      expect(await server.ended).toMatchObject({ code: 0 });
    });

    test('is not needed: the server works without systemd-notify', async () => {
      const server = start(process.execPath, [MAIN, '--port', '0'], {
        cwd: directory,
        env: { NOTIFY_SOCKET: join(directory, 'socket'), PATH: '/nonexistent' },
      });
      for await (const line of createInterface({ input: server.child.stderr })) {
        if (line.includes('state not reported to systemd')) break;
      }
      server.child.kill('SIGTERM');
      expect(await server.ended).toMatchObject({ code: 0 });
    });
  });
}
