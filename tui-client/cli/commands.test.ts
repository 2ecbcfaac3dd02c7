import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';
import type { Outcome } from '../../tests/clients/program.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const PASSWORD = 'correct horse';
const BIG = randomBytes(3_000_000);

let client: ClientProgram;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());

describe.each(['plain', 'TLS'])('over %s', (kind) => {
  let server: TestServer;
  let home: string;

  beforeEach(async () => {
    server = await TestServer.start({ settings: { tls: kind === 'TLS' ? 'optional' : 'off' } });
    await server.signUp('anna', PASSWORD);
    home = await server.makeHome('anna');
  });
  afterEach(() => server.dispose());

  const url = (path: string, user = 'anna') => `ftp://${user}@127.0.0.1:${server.port}${path}`;

  function run(args: readonly string[], password = PASSWORD): Promise<Outcome> {
    const security = kind === 'TLS' ? ['--trust', server.fingerprint256 ?? ''] : ['--plain'];
    return client.run([...args, ...security, '--password-stdin'], { input: password });
  }

  async function runWell(args: readonly string[]): Promise<Outcome> {
    const outcome = await run(args);
    if (outcome.code !== 0)
      throw new Error(`${args[0]} ended with ${outcome.code}: ${outcome.stderr}`);
    return outcome;
  }

  test('a file has its time as soon as it is on the server, without a command after it', async () => {
    const changed = new Date('2024-02-29T12:34:56Z');
    await utimes(await client.write('dated.txt', 'hello'), changed, changed);
    const { stderr } = await runWell(['put', '-v', 'dated.txt', url('/')]);
    expect(stderr).toContain('> SITE MODIFIED 20240229123456');
    expect(stderr).not.toContain('> MFMT');
    expect((await stat(join(home, 'dated.txt'))).mtime).toEqual(changed);
  });

  test('put and get carry many files and directories, and compare digests', async () => {
    await client.write('tree/index.html', 'hello');
    await client.write('tree/css/a.css', 'a { }');
    await client.write('big.bin', BIG);
    const up = await runWell(['put', '-r', 'tree/', 'big.bin', url('/www'), '--json']);
    expect(await readFile(join(home, 'www/css/a.css'), 'utf8')).toBe('a { }');
    expect(BIG.equals(await readFile(join(home, 'www/big.bin')))).toBe(true);
    expect(jsonLines(up).at(-1)).toMatchObject({
      type: 'summary',
      done: 3,
      failed: 0,
      exitCode: 0,
    });
    expect(jsonLines(up).filter(({ type }) => type === 'file')).toContainEqual(
      expect.objectContaining({
        to: '/www/big.bin',
        state: 'done',
        verified: { algorithm: 'SHA-256', hex: createHash('sha256').update(BIG).digest('hex') },
      }),
    );
    const down = await runWell(['get', '-r', url('/www'), `${kind}-copy`]);
    expect(down.stdout).toContain('SHA-256 equal');
    expect(BIG.equals(await client.read(`${kind}-copy/big.bin`))).toBe(true);
    expect(String(await client.read(`${kind}-copy/index.html`))).toBe('hello');
  });

  test('patterns are expanded on the server and here', async () => {
    for (const name of ['a.log', 'b.log', 'c.txt']) await client.write(`logs/${name}`, name);
    await runWell(['put', 'logs/*.log', url('/')]);
    expect((await readdir(home)).sort()).toEqual(['a.log', 'b.log']);
    await runWell(['get', url('/[a-b].log'), `${kind}-logs/`]);
    expect((await readdir(client.path(`${kind}-logs`))).sort()).toEqual(['a.log', 'b.log']);
  });

  test('ls, hash and cat tell what is there', async () => {
    await writeFile(join(home, 'notes.txt'), 'hello');
    await writeFile(join(home, '.hidden'), '');
    await runWell(['mkdir', url('/a/b/c')]);
    expect((await runWell(['ls', url('/')])).stdout).toBe('a/\nnotes.txt\n');
    expect((await runWell(['ls', '-a', url('')])).stdout).toBe('.hidden\na/\nnotes.txt\n');
    expect((await runWell(['ls', '-l', url('/notes.txt')])).stdout).toMatch(
      /^-rw-r--r-- +5 \d{4}-\d\d-\d\d \d\d:\d\d \/notes\.txt\n$/,
    );
    const listed = jsonLines(await runWell(['ls', '-r', '--json', url('/')]));
    expect(listed.map(({ path }) => path).sort()).toEqual(['/a', '/a/b', '/a/b/c', '/notes.txt']);
    const sum = createHash('sha256').update('hello').digest('hex');
    expect((await runWell(['hash', url('/notes.txt')])).stdout).toBe(`${sum}  /notes.txt\n`);
    expect((await runWell(['cat', url('/notes.txt'), url('/notes.txt')])).stdout).toBe(
      'hellohello',
    );
  });

  test('mv and rm change what is there', async () => {
    await writeFile(join(home, 'a.txt'), 'a');
    await writeFile(join(home, 'b.txt'), 'b');
    await runWell(['mkdir', url('/old')]);
    await runWell(['mv', url('/a.txt'), url('/old')]);
    expect((await run(['mv', url('/b.txt'), url('/old/a.txt')])).code).toBe(1);
    expect(await readFile(join(home, 'old/a.txt'), 'utf8')).toBe('a');
    expect((await run(['rm', url('/old')])).code).toBe(1);
    expect((await runWell(['rm', '-rn', url('/old')])).stdout).toContain('would delete /old/a.txt');
    await runWell(['rm', '-r', url('/old'), url('/b.*')]);
    expect(await readdir(home)).toEqual([]);
    await runWell(['rm', '-f', url('/old')]);
  });

  test('chmod changes permissions, of a tree on wish', async () => {
    const modeOf = async (name: string) => (await stat(join(home, name))).mode & 0o777;
    await runWell(['mkdir', url('/d')]);
    await writeFile(join(home, 'd', 'run.sh'), '', { mode: 0o644 });
    await runWell(['chmod', '600', url('/d/run.sh')]);
    expect(await modeOf('d/run.sh')).toBe(0o600);
    const changed = await runWell(['chmod', '-r', '--json', 'g+rX', url('/d')]);
    expect(jsonLines(changed)).toContainEqual({ type: 'mode', path: '/d/run.sh', mode: '0640' });
    expect((await modeOf('d')) & 0o050).toBe(0o050);
    const wrong = await run(['chmod', 'rwx', url('/d')]);
    expect([wrong.code, wrong.stderr]).toEqual([64, expect.stringContaining('Invalid mode')]);
    expect((await run(['chmod', '644', url('/none')])).code).toBe(5);
  });

  test('mirror copies what differs, and deletes on wish', async () => {
    await client.write('site/index.html', 'new');
    await client.write('site/same.txt', 'same');
    await runWell(['put', '-r', 'site/', url('/www')]);
    await writeFile(join(home, 'www', 'stale.txt'), '');
    await client.write('site/index.html', 'newer');
    const dry = await runWell(['mirror', '--delete', '-n', 'site', url('/www')]);
    expect(dry.stdout).toBe('would replace /www/index.html\nwould delete  /www/stale.txt\n');
    const done = await runWell(['mirror', '--delete', '--json', 'site', url('/www')]);
    expect(jsonLines(done).at(-1)).toMatchObject({ done: 1, unchanged: 1, deleted: 1 });
    expect((await readdir(join(home, 'www'))).sort()).toEqual(['index.html', 'same.txt']);
    await runWell(['mirror', url('/www'), `${kind}-mirror`]);
    expect(String(await client.read(`${kind}-mirror/index.html`))).toBe('newer');
  });

  test('mirror --checksum finds what has the same size and time, both ways', async () => {
    const time = new Date('2024-05-06T07:08:09Z');
    const local = await client.write('twins/a.txt', 'ours!!');
    await utimes(local, time, time);
    await runWell(['put', '-r', 'twins/', url('/twins')]);
    const remote = join(home, 'twins/a.txt');
    await writeFile(remote, 'theirs');
    await utimes(remote, time, time);
    await runWell(['mirror', 'twins', url('/twins')]);
    expect(await readFile(remote, 'utf8')).toBe('theirs');
    await runWell(['mirror', '--checksum', url('/twins'), 'twins']);
    expect(await readFile(local, 'utf8')).toBe('theirs');
    await writeFile(local, 'ours!!');
    await utimes(local, time, time);
    await runWell(['mirror', '--checksum', 'twins', url('/twins')]);
    expect(await readFile(remote, 'utf8')).toBe('ours!!');
    const again = await runWell(['mirror', '--checksum', '--json', 'twins', url('/twins')]);
    expect(jsonLines(again).at(-1)).toMatchObject({ done: 0, unchanged: 1 });
  });

  test('a target that exists is left alone unless the options say otherwise', async () => {
    await client.write('a.txt', 'ours');
    await writeFile(join(home, 'a.txt'), 'theirs');
    const refused = await run(['put', 'a.txt', url('/')]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--overwrite')]);
    await runWell(['put', '--skip', 'a.txt', url('/')]);
    await utimes(client.path('a.txt'), 1, 1);
    await runWell(['put', '--newer', 'a.txt', url('/')]);
    expect(await readFile(join(home, 'a.txt'), 'utf8')).toBe('theirs');
    await runWell(['put', '--keep-both', 'a.txt', url('/')]);
    expect((await readdir(home)).length).toBe(2);
    await runWell(['put', '--overwrite', 'a.txt', url('/')]);
    expect(await readFile(join(home, 'a.txt'), 'utf8')).toBe('ours');
  });

  test('--resume carries on a part, both ways', async () => {
    await client.write('big.bin', BIG);
    await writeFile(join(home, 'big.bin'), BIG.subarray(0, 1_000_000));
    const up = await runWell(['put', '--resume', '--json', 'big.bin', url('/')]);
    expect(jsonLines(up).at(-1)).toMatchObject({ done: 1 });
    expect(BIG.equals(await readFile(join(home, 'big.bin')))).toBe(true);
    await client.write(`${kind}-part/big.bin`, BIG.subarray(0, 2_000_000));
    await runWell(['get', '--resume', url('/big.bin'), `${kind}-part`]);
    expect(BIG.equals(await client.read(`${kind}-part/big.bin`))).toBe(true);
  });

  test('names are excluded, and nothing is done in a dry run', async () => {
    await client.write('part/keep.txt', '');
    await client.write('part/node_modules/x.js', '');
    const args = ['put', '-r', '--exclude', 'node_modules', 'part/', url('/x')];
    const dry = await runWell([...args, '--dry-run']);
    expect(dry.stdout).toBe(`would upload ${client.path('part/keep.txt')} -> /x/keep.txt\n`);
    expect(await readdir(home)).toEqual([]);
    await runWell(args);
    expect(await readdir(join(home, 'x'))).toEqual(['keep.txt']);
  });

  test('times come along', async () => {
    await client.write('dated.txt', 'x');
    await utimes(client.path('dated.txt'), 1_600_000_000, 1_600_000_000);
    await runWell(['put', 'dated.txt', url('/')]);
    expect((await stat(join(home, 'dated.txt'))).mtimeMs).toBe(1_600_000_000_000);
  });

  test('an account without a limit is told what it uses and what the disk has left', async () => {
    await server.setQuota('anna', Number.MAX_SAFE_INTEGER);
    const [quota] = jsonLines(await runWell(['quota', '--json', url('')]));
    expect(quota).toEqual({ type: 'quota', usedBytes: 0, freeBytes: expect.any(Number) });
    expect((await runWell(['quota', url('')])).stdout).toMatch(/^0 used, no limit, .* free$/m);
  });

  test('trash lists what was deleted, and restores it', async () => {
    await server.withDatabase(({ accounts }) => accounts.setKeepDeleted(1, 86_400_000));
    await client.write('a.txt', 'hello');
    await runWell(['put', 'a.txt', url('/')]);
    await runWell(['rm', url('/a.txt')]);
    expect((await runWell(['trash', url('')])).stdout).toMatch(/ deleted {4,}5 {2}\/a\.txt\n$/);
    const [file] = jsonLines(await runWell(['trash', '--json', url('')]));
    expect(file).toMatchObject({ type: 'deleted', path: '/a.txt', kind: 'file', sizeBytes: 5 });
    await runWell(['trash', url(''), String(file?.id), '/d/b.txt']);
    expect(await readFile(join(home, 'd', 'b.txt'), 'utf8')).toBe('hello');
    expect((await run(['trash', url(''), String(file?.id)])).code).toBe(5);
  });

  test('quota, signup and passwd serve the account', async () => {
    const quota = jsonLines(await runWell(['quota', '--json', url('')]));
    expect(quota).toEqual([
      { type: 'quota', usedBytes: 0, limitBytes: 1024 ** 3, freeBytes: 1024 ** 3 },
    ]);
    expect((await run(['signup', url('', 'ben')], 'a long password')).code).toBe(0);
    expect((await run(['ls', url('', 'ben')], 'a long password')).code).toBe(0);
    expect((await run(['signup', url('', 'ben')], 'another password')).code).toBe(3);
    expect((await run(['passwd', url('')], `${PASSWORD}\nbattery staple`)).code).toBe(0);
    expect((await run(['ls', url('')])).code).toBe(3);
    expect((await run(['ls', url('')], 'battery staple\n')).code).toBe(0);
  });
});
