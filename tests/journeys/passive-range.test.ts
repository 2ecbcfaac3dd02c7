import { describe, expect, test } from '@jest/globals';
import { freeRange } from '../../server/testing/free-range.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { until } from './server-process.ts';

async function withRange(count: number, task: (server: TestServer) => Promise<void>) {
  const server = await TestServer.start({ settings: { pasvRange: await freeRange(count) } });
  try {
    await task(server);
  } finally {
    await server.dispose();
  }
}

describe('a range of passive ports', () => {
  test('of two serves two sessions for 500 transfers in turn', async () => {
    await withRange(2, async (server) => {
      const sessions = [await server.signUp(), await server.login()] as const;
      await sessions[0].store('STOR file.txt', 'content');
      for (let turn = 0; turn < 250; turn += 1) {
        for (const [number, session] of sessions.entries()) {
          const { closing, data } =
            turn % 2 === number
              ? await session.retrieve('RETR file.txt')
              : await session.store(`STOR file-${number}.txt`, `turn ${turn}`);
          expect(closing.code).toBe(226);
          expect([0, 7]).toContain(data.length);
        }
      }
    });
  });

  test('of two serves two sessions at once', async () => {
    await withRange(2, async (server) => {
      const sessions = [await server.signUp(), await server.login()];
      await Promise.all(
        sessions.map(async (session, number) => {
          for (let turn = 0; turn < 50; turn += 1) {
            const { closing } = await session.store(`STOR ${number}.txt`, `turn ${turn}`);
            expect(closing.code).toBe(226);
          }
        }),
      );
    });
  });

  test('answers 425 when the address uses all of it, and serves again when it does not', async () => {
    await withRange(1, async (server) => {
      const holder = await server.signUp();
      const other = await server.login();
      expect((await holder.command('PASV')).code).toBe(227);
      for (const command of ['PASV', 'EPSV']) {
        const { code, lines } = await other.command(command);
        expect(code).toBe(425);
        expect(lines[0]).toMatch(/passive port/);
      }
      await holder.close();
      await until(async () => (await other.command('EPSV')).code === 229);
      const { closing } = await other.store('STOR file.txt', 'content');
      expect(closing.code).toBe(226);
    });
  });

  test('of ten that one account holds with ten sessions still serves another at its address', async () => {
    await withRange(10, async (server) => {
      const holders = [await server.signUp()];
      while (holders.length < 10) holders.push(await server.login());
      for (const holder of holders) expect((await holder.command('PASV')).code).toBe(227);
      const other = await server.signUp('bert');
      for (let turn = 0; turn < 20; turn += 1) {
        const { closing } = await other.store(`STOR ${turn}.txt`, 'content');
        expect(closing.code).toBe(226);
      }
      const [oldest] = holders;
      const opening = await oldest?.command('RETR missing.txt');
      expect(opening?.code).toBe(550);
      expect((await oldest?.command('LIST'))?.code).toBe(150);
      const { code, lines } = (await oldest?.reply()) ?? {};
      expect(code).toBe(425);
      expect(lines?.[0]).toMatch(/passive port/);
    });
  });
});
