import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../server/doctor/finding.ts';
import { builtServer } from '../built-programs.ts';
import { isInstalled, type Outcome, run, runWell } from '../clients/program.ts';
import { NamespacedServer } from './namespaced-server.ts';
import { missingForNamespaces, type TestHost, TestNetwork } from './network-namespaces.ts';

const MAIN = builtServer();

const CONTENT = 'over the NAT and back\n'.repeat(5000);

/** The router of a container: forwards the ports, and hides the clients of one network behind its own address. */
const ROUTER_RULES = `
  table ip nat {
    chain prerouting {
      type nat hook prerouting priority dstnat;
      ip daddr { 192.168.77.1, 100.64.0.1, 10.8.0.1 } tcp dport { 21, 50000-50009 } dnat to 172.30.99.2;
    }
    chain postrouting {
      type nat hook postrouting priority srcnat;
      ip saddr 10.8.0.0/24 masquerade;
    }
  }
`;

const CLIENTS = {
  lan: { address: '192.168.77.50/16', router: '192.168.77.1/16' },
  vpn: { address: '100.64.0.50/10', router: '100.64.0.1/10' },
  hidden: { address: '10.8.0.50/24', router: '10.8.0.1/24' },
} as const;

const missing =
  missingForNamespaces() ??
  ['curl', 'lftp', 'unshare'].find((program) => !isInstalled(program))?.concat(' is not installed');

if (missing !== undefined) {
  test.skip(`PASV behind NAT was not tested: ${missing}`, () => {});
} else {
  describe('a server in a container behind DNAT', journeys);
}

function journeys(): void {
  let network: TestNetwork;
  let server: NamespacedServer;
  let directory: string;
  const hosts = new Map<string, TestHost>();

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-nat-'));
    network = buildNetwork(hosts);
    server = await NamespacedServer.start(hostNamed('box'), [
      ...['--host', '::', '--port', '21', '--pasv-range', '50000-50009', '--signup', 'open'],
      ...['--tls', 'off', '--public-host', 'router.test'],
      ...['--public-host', '100.64.0.0/10=100.64.0.1', '--public-host', '172.30.99.1=10.8.0.1'],
    ]);
    const signup = 'SITE SIGNUP anna\\r\\nPASS correct horse\\r\\nQUIT\\r\\n';
    const send = `exec 3<>/dev/tcp/172.30.99.2/21; printf '${signup}' >&3; cat <&3`;
    await onHost('neighbour', ['bash', '-c', send]);
  });

  afterAll(async () => {
    await server?.dispose();
    network?.dispose();
    await rm(directory, { recursive: true, force: true });
  });

  function hostNamed(name: string): TestHost {
    const host = hosts.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  function onHost(name: string, command: readonly string[], doRun = runWell): Promise<Outcome> {
    const [program, ...args] = [...hostNamed(name).enter, ...command];
    return doRun(program ?? '', args, { cwd: directory });
  }

  /** Lists by curl, which is to believe the address in the reply, and returns that address. */
  async function advertisedTo(client: string, target: string): Promise<string> {
    const listing = ['--disable-epsv', '--no-ftp-skip-pasv-ip', '-sSv', '-m', '10'];
    const { stderr } = await onHost(
      client,
      ['curl', ...listing, '-u', 'anna:correct horse', `ftp://${target}/`],
      run,
    );
    const [, numbers = stderr] = /227 [^(]*\((\d+,\d+,\d+,\d+),/.exec(stderr) ?? [];
    return numbers.replaceAll(',', '.');
  }

  /** Uploads, lists and downloads with lftp, which is to believe the address in the reply. */
  async function roundTrip(client: string, target: string): Promise<string> {
    const [up, down] = [`${client}.txt`, `${client}.back`];
    await writeFile(join(directory, up), CONTENT);
    await rm(join(directory, down), { force: true });
    const settings = [
      ...['set ftp:prefer-epsv no', 'set ftp:fix-pasv-address no', 'set net:max-retries 1'],
      ...['set net:timeout 5', 'set cmd:fail-exit yes'],
    ];
    const steps = [`put ${up}`, `cls ${up}`, `get ${up} -o ${down}`];
    const script = [...settings, `open -u anna,'correct horse' ${target}`, ...steps].join('; ');
    const { stdout } = await onHost(client, ['lftp', '-c', script]);
    expect(stdout).toContain(up);
    return await readFile(join(directory, down), 'utf8');
  }

  test('starts though its public host does not resolve, and says so', async () => {
    expect(await server.logged('public host cannot be resolved; trying again')).toMatchObject({
      level: 'warn',
      publicHost: 'router.test',
    });
    expect(await advertisedTo('lan', '192.168.77.1')).toBe('172.30.99.2');
  });

  test('advertises its public host once the name resolves, after SIGHUP', async () => {
    await server.setHosts('192.168.77.1 router.test\n');
    server.signal('SIGHUP');
    await server.logged('public host resolved');
    expect(await advertisedTo('lan', '192.168.77.1')).toBe('192.168.77.1');
  });

  test.each([
    ['a client at 192.168.77.50', 'lan', '192.168.77.1', '192.168.77.1'],
    ['a client in 100.64.0.0/10', 'vpn', '100.64.0.1', '100.64.0.1'],
    ['a neighbour in the network of the container', 'neighbour', '172.30.99.2', '172.30.99.2'],
    ['a client that looks like the gateway', 'hidden', '10.8.0.1', '10.8.0.1'],
    ['the container itself', 'box', '127.0.0.1', '127.0.0.1'],
  ])('%s gets an address that works', async (_, client, target, expected) => {
    expect(await advertisedTo(client, target)).toBe(expected);
    expect(await roundTrip(client, target)).toBe(CONTENT);
  });

  test.each([
    [[], 'warning', 'This host has private addresses only (172.30.99.2)'],
    [['172.30.99.0/24=172.30.99.2'], 'ok', 'is an address of this host'],
    [['198.51.100.1'], 'ok', 'is not an address of this host: a router must forward'],
  ])('doctor compares --public-host %j with its interfaces', async (publicHosts, level, text) => {
    const flags = publicHosts.flatMap((publicHost) => ['--public-host', publicHost]);
    const command = [process.execPath, MAIN, 'doctor', '--host', '::', ...flags, '--json'];
    const { stdout } = await onHost('box', command, run);
    const findings: Finding[] = JSON.parse(stdout).findings;
    const [found] = findings.filter(({ id }) => id === 'public-host');
    expect(found).toMatchObject({ level, text: expect.stringContaining(text) });
  });
}

function buildNetwork(hosts: Map<string, TestHost>): TestNetwork {
  const network = new TestNetwork();
  for (const name of ['router', 'box', 'neighbour', ...Object.keys(CLIENTS)]) {
    hosts.set(name, network.addHost(name));
  }
  network.bridge('router', '172.30.99.1/24', {
    box: '172.30.99.2/24',
    neighbour: '172.30.99.7/24',
  });
  network.route('box', '172.30.99.1');
  for (const [to, { address, router }] of Object.entries(CLIENTS)) {
    network.connect({ from: 'router', to, addresses: [router, address] });
  }
  network.forward('router', ROUTER_RULES);
  return network;
}
