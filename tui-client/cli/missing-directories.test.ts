/** What a server refuses only because a directory is missing is done once it exists. */
import { appendFile, chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ServerKind } from '../../bench/harness/server-kind.ts';
import { proftpd } from '../../bench/peers/proftpd.ts';
import { pureFtpd } from '../../bench/peers/pure-ftpd.ts';
import { pyftpdlib } from '../../bench/peers/pyftpdlib.ts';
import { vsftpd } from '../../bench/peers/vsftpd.ts';
import { run } from '../../tests/clients/program.ts';
import { PeerServer, WRITABLE } from '../remote/testing/peer-server.ts';
import { FieldServer } from '../testing/field-server.ts';
import { ClientProgram } from './testing/client-program.ts';

let client: ClientProgram;

beforeAll(async () => {
  client = await ClientProgram.prepare();
  await client.write('file', 'content');
});
afterAll(() => client?.dispose());

interface Server {
  readonly url: (path: string) => string;
  readonly user: string;
  readonly password: string;
  readonly read: (path: string) => Promise<string | undefined>;
}

/** Each way to upload, as words of a shell with the target as its last argument. */
const UPLOADS: readonly (readonly [title: string, script: string])[] = [
  ['a file', '"$@" file "$target"'],
  ['standard input', 'printf content | "$@" - "$target"'],
  ['what a program writes', '"$@" <(printf content) "$target"'],
  [
    'a named pipe',
    'mkfifo "$name"\ntimeout 20 sh -c \'printf content > "$0"\' "$name" & "$@" "$name" "$target"',
  ],
];

function journeys(server: () => Server): void {
  test.each(UPLOADS)('%s goes into directories that do not exist yet', async (title, script) => {
    const { url, read, ...account } = server();
    const path = `/new ${title}/below/file`;
    const lines = [`target=${JSON.stringify(url(encodeURI(path)))}`, `name=pipe-$$`, script];
    const command = [process.execPath, client.main, 'put', '--plain'];
    const outcome = await run('/bin/bash', ['-c', lines.join('\n'), 'put', ...command], {
      cwd: client.cwd,
      env: { PATH: process.env.PATH, HOME: client.home, NETRC: await netrc(account) },
    });
    expect(outcome).toMatchObject({ code: 0 });
    expect(await read(path)).toBe('content');
  });
}

async function netrc({ user, password }: Pick<Server, 'user' | 'password'>): Promise<string> {
  const path = await client.write(
    'netrc',
    `machine 127.0.0.1 login ${user} password ${password}\n`,
  );
  await chmod(path, 0o600);
  return path;
}

describe('with a scripted server', () => {
  let server: FieldServer;

  beforeAll(async () => {
    server = await FieldServer.start({ storesInDirectoriesOnly: '553 Could not create file.' });
  });
  afterAll(() => server?.close());

  journeys(() => ({
    url: (path) => server.url(path),
    user: 'anna',
    password: 'secret',
    read: async (path) => server.tree.text(path),
  }));
});

/** Anonymous users may make directories, too. */
const openVsftpd: ServerKind = {
  ...vsftpd,
  async prepare(site, programPath) {
    const prepared = await vsftpd.prepare(site, programPath);
    await appendFile(prepared.command[1] ?? '', 'anon_mkdir_write_enable=YES\n');
    return prepared;
  },
};

for (const kind of [openVsftpd, pureFtpd, proftpd, pyftpdlib]) {
  const installation = await kind.find();
  if ('missing' in installation) {
    test.skip(`uploads with ${kind.name}: ${installation.missing}`, () => {});
    continue;
  }
  const { programPath } = installation;
  describe(`with ${kind.name}`, () => {
    let server: PeerServer;

    beforeAll(async () => {
      server = await PeerServer.start(kind, { programPath, security: 'clear' });
    });
    afterAll(() => server?.stop());

    journeys(() => ({
      url: (path) => `ftp://${server.user}@127.0.0.1:${server.port}/${WRITABLE}${path}`,
      user: server.user,
      password: server.password,
      read: (path) => readFile(join(server.rootPath, WRITABLE, path), 'utf8'),
    }));
  });
}
