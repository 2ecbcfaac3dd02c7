import { chmod } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '../../server/testing/free-range.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { ConnectProxy } from '../remote/testing/connect-proxy.ts';
import { ClientProgram } from './testing/client-program.ts';

const PASSWORD = 'correct horse';

let client: ClientProgram;
let server: TestServer;
let proxy: ConnectProxy;

beforeAll(async () => {
  client = await ClientProgram.prepare();
  server = await TestServer.start();
  await server.signUp('anna', PASSWORD);
});
afterAll(async () => {
  await server?.dispose();
  await client?.dispose();
});
beforeEach(async () => {
  proxy = await ConnectProxy.start('ben:secret');
  const url = `ftp://anna@127.0.0.1:${server.port}/`;
  await sites('add', 'work', url, '--plain', '--overwrite', '--proxy', proxy.url('ben@'));
  await client.write('../home/.netrc', 'machine 127.0.0.1 login ben password secret\n');
  await chmod(client.path('../home/.netrc'), 0o600);
});
afterEach(() => proxy.close());

const sites = (...args: string[]) => client.run(['sites', ...args]);

function ls(args: readonly string[], env: Record<string, string> = {}) {
  return client.run(['ls', ...args, '--password-stdin', '--verbose'], { input: PASSWORD, env });
}

const plainUrl = () => ['--plain', `ftp://anna@127.0.0.1:${server.port}/`];

test('control and data connections go through the proxy of the site, with a password from .netrc', async () => {
  const { code, stderr } = await ls(['work:']);
  expect(code).toBe(0);
  expect(proxy.hosts).toEqual(['127.0.0.1', '127.0.0.1']);
  expect(stderr).toContain(`Connecting through ${proxy.url('ben@')}\n`);
  expect(stderr).not.toContain('secret');
});

test('--proxy none connects directly', async () => {
  expect((await ls(['work:', '--proxy', 'none'])).code).toBe(0);
  expect(proxy.hosts).toEqual([]);
});

test('--proxy takes the place of ALL_PROXY', async () => {
  const env = { ALL_PROXY: 'socks5://127.0.0.1:1' };
  expect((await ls([...plainUrl(), '--proxy', proxy.url('ben@')], env)).code).toBe(0);
  expect(proxy.hosts).toHaveLength(2);
});

describe('ALL_PROXY', () => {
  test('is used with its password', async () => {
    const { code, stderr } = await ls(plainUrl(), { ALL_PROXY: proxy.url('ben:secret@') });
    expect([code, proxy.hosts.length]).toEqual([0, 2]);
    expect(stderr).not.toContain('secret');
  });

  test.each(['127.0.0.1', 'a.example, 127.0.0.1', '*'])(
    'is not used with NO_PROXY=%s',
    async (NO_PROXY) => {
      const { code } = await ls(plainUrl(), { ALL_PROXY: proxy.url('ben:secret@'), NO_PROXY });
      expect([code, proxy.hosts]).toEqual([0, []]);
    },
  );

  test('of another kind is refused, and not repeated', async () => {
    const { code, stderr } = await ls(plainUrl(), { ALL_PROXY: 'socks4://ben:secret@h:1080' });
    expect([code, stderr]).toEqual([64, expect.stringMatching(/ALL_PROXY: Expected socks5/)]);
    expect(stderr).not.toContain('secret');
  });
});

describe('failures name the proxy and no secret:', () => {
  test('2: it cannot be reached', async () => {
    const port = await freePort();
    const { code, stderr } = await ls([...plainUrl(), '--proxy', `socks5://127.0.0.1:${port}`]);
    expect(code).toBe(2);
    expect(stderr).toContain(`The proxy socks5://127.0.0.1:${port} cannot be reached: nothing`);
  });

  test('3: it refuses the password', async () => {
    const { code, stderr } = await ls(plainUrl(), { ALL_PROXY: proxy.url('ben:false-secret@') });
    expect(code).toBe(3);
    expect(stderr).toContain(`The proxy ${proxy.url('ben@')} refuses the user or the password.`);
    expect(stderr).not.toContain('secret');
  });

  test('3: it wants a user', async () => {
    const { code, stderr } = await ls([...plainUrl(), '--proxy', proxy.url()]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('wants a user and a password')]);
  });

  test('64: there is nobody to ask for its password', async () => {
    const { code, stderr } = await ls([...plainUrl(), '--proxy', proxy.url('carl@')]);
    expect([code, stderr]).toEqual([64, expect.stringContaining('carl at the proxy 127.0.0.1')]);
  });

  test.each(['http://ben:secret@h:1', 'ftp://h', 'h:1080', 'http://h/path'])(
    '64: --proxy %s',
    async (url) => {
      const { code, stderr } = await ls([...plainUrl(), '--proxy', url]);
      expect(code).toBe(64);
      expect(stderr).toMatch(/Expected socks5|A password in a proxy URL/);
      expect(stderr).not.toContain('secret');
    },
  );
});

test('doctor goes through the proxy, and says what only the proxy knows', async () => {
  const args = ['doctor', 'work', '--password-stdin'];
  const { code, stdout } = await client.run(args, { input: PASSWORD });
  expect([code, stdout]).toEqual([0, expect.stringContaining('known to the proxy only')]);
  expect(stdout).toContain('EPSV: a listing');
  expect(proxy.hosts.length).toBeGreaterThan(2);
});
