import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';

const KIB = 1024;

/**
 * No time is measured here: a bystander's replies are counted while floods of a fixed size are worked off. A server
 * that does what has arrived first answers the bystander once, at the end. `bench/fairness.ts` has the figures.
 */
describe('a bystander is answered between the commands of others', () => {
  let server: TestServer;
  let bystander: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    bystander = await server.signUp();
    await bystander.store('STOR small', 'x'.repeat(4 * KIB));
  });
  afterAll(() => server.dispose());

  test.each([
    ['line feeds', '\n', 4],
    ['empty lines', '\r\n', 8],
    ['HELP', 'HELP\r\n', 8],
    ['FEAT', 'FEAT\r\n', 8],
    ['garbage', 'xyzzy \u00ff\u00ff\r\n', 16],
    ['Telnet commands', Buffer.of(0xff, 0xf4, 0xff, 0xfb, 1, 0x0d, 0x0a), 16],
  ])('of strangers that send %s', async (_what, line, strangers) => {
    const clients = await Promise.all(Array.from({ length: strangers }, () => server.connect()));
    await expectAnswered(clients, repeated(line, 64 * KIB));
  });

  test.each(['STAT', 'MLST small', 'SITE PARTIALS', 'HASH small', 'RNFR small'])(
    'of users that send %s',
    async (line) => {
      const clients = await Promise.all(Array.from({ length: 4 }, () => server.login()));
      await expectAnswered(clients, repeated(`${line}\r\n`, 16 * KIB));
    },
  );

  async function expectAnswered(clients: ControlClient[], flood: Buffer): Promise<void> {
    for (const { socket } of clients) socket.resume();
    let leftOver = clients.length;
    const over = clients.map(async (client) => {
      client.send(Buffer.concat([flood, Buffer.from('\r\nQUIT\r\n')]));
      for (let reply = await client.replyOrEnd(); reply !== undefined; ) {
        reply = await client.replyOrEnd();
      }
      leftOver -= 1;
    });
    let answers = 0;
    while (leftOver > 0) {
      await bystander.command('NOOP');
      if (leftOver > 0) answers += 1;
    }
    await Promise.all(over);
    expect(answers).toBeGreaterThan(5);
  }
});

function repeated(line: string | Buffer, bytes: number): Buffer {
  const octets = Buffer.from(line);
  return Buffer.concat(Array<Buffer>(Math.ceil(bytes / octets.length)).fill(octets));
}
