import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { describeClient, succeeds } from './program.ts';
import { AWKWARD_NAMES, digestOf, octets, treeOf } from './samples.ts';
import { expectAllSizesCarried, scriptDriver } from './script-driver.ts';

/** Logs in; scripts go on from there and show what they have found out as JSON. A warning is a failure. */
const LOGIN = `
set_error_handler(function ($number, $text) { throw new Exception($text); });
function show($value) { echo json_encode($value, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR); }
function connection() { return ftp_connect(getenv('FTP_HOST'), (int) getenv('FTP_PORT'), 20); }
function login($passive = true) {
  $ftp = connection();
  ftp_login($ftp, getenv('FTP_USER'), getenv('FTP_PASSWORD'));
  ftp_pasv($ftp, $passive);
  return $ftp;
}
$names = array_slice($argv, 1);
`;

const isThere = succeeds('php', ['-r', 'exit(function_exists("ftp_connect") ? 0 : 1);']);

describeClient("PHP's ftp functions", isThere, () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  const php = scriptDriver(
    { command: 'php', before: ['-r'], between: ['--'], prelude: LOGIN },
    () => site,
  );

  test('a wrong password is refused in words of the server', async () => {
    const said = await php(`
try { ftp_login(connection(), getenv('FTP_USER'), 'wrong'); }
catch (Exception $error) { show($error->getMessage()); }`);
    expect(said).toBe('ftp_login(): Wrong username or password.');
  });

  test('carries files of all sizes both ways', () =>
    expectAllSizesCarried(site, (names) =>
      php(
        `
$ftp = login();
$sizes = [];
foreach ($names as $name) {
  ftp_put($ftp, $name, $name, FTP_BINARY);
  ftp_get($ftp, "back-$name", $name, FTP_BINARY);
  $sizes[] = ftp_size($ftp, $name);
}
ftp_close($ftp);
show($sizes);`,
        { args: names },
      ),
    ));

  test('makes, lists, renames and removes awkward names', async () => {
    await site.writeLocal('content', 'content');
    const result = await php(
      `
$ftp = login();
ftp_mkdir($ftp, 'awkward');
ftp_chdir($ftp, 'awkward');
$result = ['made' => [], 'pwd' => []];
foreach ($names as $name) {
  ftp_put($ftp, $name, 'content', FTP_BINARY);
  ftp_get($ftp, 'fetched', $name, FTP_BINARY);
  $result['made'][] = ftp_mkdir($ftp, "dir $name");
}
$result['nlist'] = ftp_nlist($ftp, '-a');
$result['lines'] = ftp_rawlist($ftp, '-a');
$result['mlsd'] = array_map(fn ($entry) => [$entry['name'], $entry['type']], ftp_mlsd($ftp, '.'));
foreach ($names as $name) {
  ftp_rename($ftp, $name, "$name.moved");
  ftp_delete($ftp, "$name.moved");
  ftp_chdir($ftp, "dir $name");
  $result['pwd'][] = ftp_pwd($ftp);
  ftp_cdup($ftp);
  ftp_rmdir($ftp, "dir $name");
}
ftp_close($ftp);
show($result);`,
      { args: [...AWKWARD_NAMES] },
    );
    const directories = AWKWARD_NAMES.map((name) => `dir ${name}`);
    const paths = directories.map((name) => `/awkward/${name}`);
    // ftp_mkdir and ftp_pwd of PHP take what stands between the first and the last quote as it is.
    const asSent = paths.map((path) => path.replaceAll('"', '""'));
    expect(result.made).toEqual(asSent);
    expect(result.pwd).toEqual(asSent);
    expect(result.nlist).toEqual(expect.arrayContaining([...AWKWARD_NAMES, ...directories]));
    expect(result.mlsd).toEqual(
      expect.arrayContaining([
        ...AWKWARD_NAMES.map((name) => [name, 'file']),
        ...directories.map((name) => [name, 'dir']),
      ]),
    );
    for (const name of AWKWARD_NAMES) {
      expect(result.lines.some((line: string) => line.endsWith(` ${name}`))).toBe(true);
    }
    expect(await treeOf(site.home('awkward'))).toEqual({});
    await site.expectExactQuota();
  });

  test('resumes both ways, also without blocking, and appends', async () => {
    const content = octets(1_000_000);
    await site.writeLocal('whole.bin', content);
    await site.writeLocal('down.bin', content.subarray(0, 654_321));
    await site.writeLocal('down-nb.bin', content.subarray(0, 654_321));
    await site.writeLocal('two', 'two');
    await site.seed('up.bin', content.subarray(0, 123_457));
    await site.seed('up-nb.bin', content.subarray(0, 123_457));
    await site.seed('log.txt', 'one,');
    await php(`
$ftp = login();
ftp_put($ftp, 'up.bin', 'whole.bin', FTP_BINARY, ftp_size($ftp, 'up.bin'));
ftp_get($ftp, 'down.bin', 'up.bin', FTP_BINARY, FTP_AUTORESUME);
for ($state = ftp_nb_put($ftp, 'up-nb.bin', 'whole.bin', FTP_BINARY, FTP_AUTORESUME);
  $state == FTP_MOREDATA; $state = ftp_nb_continue($ftp));
for ($state = ftp_nb_get($ftp, 'down-nb.bin', 'up.bin', FTP_BINARY, filesize('down-nb.bin'));
  $state == FTP_MOREDATA; $state = ftp_nb_continue($ftp));
ftp_append($ftp, 'log.txt', 'two', FTP_BINARY);
ftp_close($ftp);`);
    for (const name of ['up.bin', 'up-nb.bin']) {
      expect(await site.homeDigest(name)).toBe(digestOf(content));
    }
    for (const name of ['down.bin', 'down-nb.bin']) {
      expect(await site.localDigest(name)).toBe(digestOf(content));
    }
    expect(await site.homeText('log.txt')).toBe('one,two');
    await site.expectExactQuota();
  });

  test('text, room, modes, times, checksums, sign-up', async () => {
    await site.writeLocal('text.txt', 'one\ntwo\n');
    const result = await php(`
$ftp = login();
ftp_put($ftp, 'text.txt', 'text.txt', FTP_ASCII);
ftp_get($ftp, 'text-back.txt', 'text.txt', FTP_ASCII);
ftp_chmod($ftp, 0600, 'text.txt');
ftp_raw($ftp, 'MFMT 20190304050607 text.txt');
show([
  ftp_alloc($ftp, 1000), ftp_site($ftp, 'QUOTA'), ftp_systype($ftp), ftp_mdtm($ftp, 'text.txt'),
  ftp_raw($ftp, 'XMD5 text.txt'), ftp_raw($ftp, 'SITE SIGNUP berta'),
  ftp_raw($ftp, 'PASS battery staple'), ftp_pwd($ftp),
]);`);
    expect(await site.homeText('text.txt')).toBe('one\ntwo\n');
    expect(await site.localText('text-back.txt')).toBe('one\ntwo\n');
    expect((await stat(site.home('text.txt'))).mode & 0o777).toBe(0o600);
    expect(result).toEqual([
      true,
      true,
      'UNIX',
      Date.parse('2019-03-04T05:06:07Z') / 1000,
      [`250 ${digestOf(Buffer.from('one\ntwo\n'), 'md5')}`],
      [expect.stringMatching(/^331 /)],
      [expect.stringMatching(/^230 Account berta created/)],
      '/',
    ]);
  });

  test('reads and writes by ftp:// streams', async () => {
    await site.seed('streams/seed.txt', 'seed');
    const result = await php(
      `
[$base] = $names;
file_put_contents("$base/new.txt", 'streamed');
mkdir("$base/sub");
rename("$base/new.txt", "$base/sub/moved.txt");
show([file_get_contents("$base/seed.txt"), scandir($base), filesize("$base/sub/moved.txt"),
  is_dir("$base/sub"), unlink("$base/sub/moved.txt"), rmdir("$base/sub")]);`,
      { args: [site.url('/streams')] },
    );
    expect(result).toEqual(['seed', ['seed.txt', 'sub'], 8, true, true, true]);
    await site.expectExactQuota();
  });

  test.each([
    ['127.0.0.1', 'true'],
    ['127.0.0.1', 'false'],
    ['::1', 'true'],
    ['::1', 'false'],
  ])('transfers and lists on %s with ftp_pasv %s', async (host, passive) => {
    await ClientSite.during({ host }, async (at) => {
      await at.writeLocal('mode.bin', octets(100_000));
      const names = await php(
        `
$ftp = login(${passive});
ftp_put($ftp, 'mode.bin', 'mode.bin', FTP_BINARY);
ftp_get($ftp, 'back.bin', 'mode.bin', FTP_BINARY);
show(ftp_nlist($ftp, '.'));`,
        { at },
      );
      expect(names).toEqual([expect.stringMatching(/^(\.\/)?mode\.bin$/)]);
      expect(await at.localDigest('back.bin')).toBe(await at.localDigest('mode.bin'));
    });
  });

  test('an upload beyond the quota is refused in words of the server', async () => {
    await ClientSite.during({ quotaBytes: 500_000 }, async (limited) => {
      await limited.writeLocal('big.bin', octets(600_000));
      const said = await php(
        `
try { ftp_put(login(), 'big.bin', 'big.bin', FTP_BINARY); }
catch (Exception $error) { show($error->getMessage()); }`,
        { at: limited },
      );
      expect(said).toMatch(/Quota exceeded/);
      await limited.expectExactQuota();
    });
  });
});

const LEAVES = `
function reply($control) { do { $line = fgets($control); } while ($line !== false && $line[3] === '-'); return $line; }
function command($control, $line) { fwrite($control, "$line\\r\\n"); return reply($control); }
[, $first, $size] = $argv;
for ($number = 0; $number < 20; $number++) {
  $c = stream_socket_client('tcp://' . getenv('FTP_HOST') . ':' . getenv('FTP_PORT'));
  reply($c);
  command($c, 'USER ' . getenv('FTP_USER'));
  command($c, 'PASS ' . getenv('FTP_PASSWORD'));
  command($c, 'TYPE I');
  preg_match('/\\|(\\d+)\\|/', command($c, 'EPSV'), $found);
  $data = stream_socket_client('tcp://' . getenv('FTP_HOST') . ":$found[1]");
  command($c, "STOR $first-$number");
  fwrite($data, str_repeat('x', (int) $size));
  fclose($data); fwrite($c, "QUIT\\r\\n"); fclose($c);
}`;

describeClient('plain sockets of PHP', succeeds('php', ['-r', '']), () => {
  test.each([10, 200_000])(
    'an upload of %i bytes whose client sends QUIT and leaves at once is published, 20 of 20',
    async (sizeBytes) => {
      await ClientSite.during({}, async (site) => {
        const env = {
          ...site.environment,
          FTP_HOST: site.host,
          FTP_PORT: String(site.port),
          FTP_USER: USERNAME,
          FTP_PASSWORD: PASSWORD,
        };
        await site.run('php', ['-r', LEAVES, '--', 'left', String(sizeBytes)], { env });
        const facts = await Promise.all(
          Array.from({ length: 20 }, (_, number) => factsOf(site, `left-${number}`)),
        );
        const published = expect.stringMatching(`size=${sizeBytes};(?!.*X\\.partial)`);
        expect(facts).toEqual(facts.map(() => published));
      });
    },
  );
});

/** What MLST tells of an upload, once it has ended in one way or another. */
async function factsOf({ observer }: ClientSite, name: string): Promise<string> {
  for (;;) {
    const { code, lines } = await observer.command(`MLST ${name}`);
    if (code === 250) return lines.join();
  }
}
