import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { digestOf, octets } from '../clients/samples.ts';
import { ServerProcess, until } from './server-process.ts';

const PASSWORD = 'correct horse';

describe('a server that is stopped', () => {
  let server: ServerProcess;

  beforeEach(async () => {
    server = await ServerProcess.start(await ServerProcess.makeDirectory(), '--grace', '500ms');
  });
  afterEach(() => server.dispose());

  test('has accounts, files and quotas again when it is started again', async () => {
    const content = octets(1_000_000);
    const first = await server.signUp('anna', PASSWORD);
    await first.store('STOR a.bin', content);
    expect(await server.end('SIGTERM')).toMatchObject({ code: 0 });
    expect((await first.reply()).code).toBe(421);

    server = await ServerProcess.start(server.directory);
    const again = await server.login('anna', PASSWORD);
    const { data } = await again.retrieve('RETR a.bin');
    expect(digestOf(data)).toBe(digestOf(content));
    expect((await again.command('SITE QUOTA')).lines[0]).toMatch(/^200 1000000 of /);
  });

  test('lets transfers end, cuts those that do not, damages nothing and frees its port', async () => {
    const [quick, stuck, reader] = await Promise.all([
      server.signUp('quick', PASSWORD),
      server.signUp('stuck', PASSWORD),
      server.signUp('reader', PASSWORD),
    ]);
    await stuck.store('STOR file.bin', 'the version before');
    await reader.store('STOR large.bin', octets(30_000_000));
    const quickData = await quick.openData();
    const stuckData = await stuck.openData();
    const readerData = await reader.openData();
    readerData.pause();
    expect((await quick.command('STOR file.bin')).code).toBe(150);
    expect((await stuck.command('STOR file.bin')).code).toBe(150);
    expect((await reader.command('RETR large.bin')).code).toBe(150);
    const content = octets(2_000_000);
    stuckData.write(content.subarray(0, 1_500_000));
    quickData.write(content.subarray(0, 1_500_000));
    const movedBytes = async () => /: (\d+) bytes/.exec((await stuck.command('STAT')).lines.join());
    await until(async () => Number((await movedBytes())?.[1]) === 1_500_000);

    server.child.kill('SIGTERM');
    quickData.end(content.subarray(1_500_000));
    expect((await quick.reply()).code).toBe(226);
    expect((await quick.reply()).code).toBe(421);
    const farewells = await Promise.all([allReplies(stuck), allReplies(reader)]);
    for (const codes of farewells) expect(codes.at(-1)).toBe(421);
    expect(await server.ended).toMatchObject({ code: 0 });
    const listener = createServer().listen(server.port, '127.0.0.1');
    await once(listener, 'listening');
    listener.close();

    expect(digestOf(await readFile(server.home('quick', 'file.bin')))).toBe(digestOf(content));
    expect(await readFile(server.home('stuck', 'file.bin'), 'utf8')).toBe('the version before');

    server = await ServerProcess.start(server.directory);
    const again = await server.login('stuck', PASSWORD);
    expect((await again.command('SIZE file.bin')).lines).toEqual(['213 1500000']);
    await again.command('REST 1500000');
    const { closing } = await again.store('STOR file.bin', content.subarray(1_500_000));
    expect(closing.code).toBe(226);
    expect(digestOf(await readFile(server.home('stuck', 'file.bin')))).toBe(digestOf(content));
    expect((await again.command('SITE QUOTA')).lines[0]).toMatch(/^200 2000000 of /);
  });
});

async function allReplies(client: {
  replyOrEnd(): Promise<{ code: number } | undefined>;
}): Promise<number[]> {
  const codes: number[] = [];
  for (let reply = await client.replyOrEnd(); reply; reply = await client.replyOrEnd()) {
    codes.push(reply.code);
  }
  return codes;
}
