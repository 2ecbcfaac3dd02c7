import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { isInstalled } from '../clients/program.ts';

/** A host of a test network: a network namespace, whose programs see its interfaces and nothing else. */
export interface TestHost {
  /** The command and its first arguments that run a program on this host. */
  readonly enter: readonly [string, ...string[]];
}

/** A cable between two hosts, each end with an address such as `192.168.77.1/16`. */
interface Cable {
  readonly from: string;
  readonly to: string;
  readonly addresses: readonly [string, string];
}

/** Why this machine cannot make network namespaces with NAT; undefined if it can. */
export function missingForNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root';
  for (const program of ['ip', 'nft']) {
    if (!isInstalled(program)) return `${program} is not installed`;
  }
  const name = namespaceOf('probe');
  const made = run('ip', ['netns', 'add', name]);
  if (made.status !== 0) return `the system makes no network namespaces: ${made.stderr.trim()}`;
  const loaded = run('ip', ['netns', 'exec', name, 'nft', '-f', '-'], NAT_PROBE);
  run('ip', ['netns', 'delete', name]);
  return loaded.status === 0 ? undefined : 'the kernel has no NAT by nftables';
}

const NAT_PROBE = `
  table ip probe {
    chain prerouting {
      type nat hook prerouting priority dstnat
      tcp dport 21 dnat to 192.0.2.1
    }
  }
`;

/** Hosts and cables that vanish with `dispose`. */
export class TestNetwork {
  readonly #hosts = new Set<string>();
  #cables = 0;

  addHost(name: string): TestHost {
    const namespace = namespaceOf(name);
    runWell('ip', ['netns', 'add', namespace]);
    this.#hosts.add(namespace);
    runWell('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    return { enter: ['ip', 'netns', 'exec', namespace] };
  }

  connect({ from, to, addresses }: Cable): void {
    const device = this.#lay(from, to);
    setUp({ host: from, device, address: addresses[0] });
    setUp({ host: to, device, address: addresses[1] });
  }

  /** Makes a host the bridge of a network, as container engines do; members are hosts with their addresses. */
  bridge(host: string, address: string, members: Readonly<Record<string, string>>): void {
    runWell('ip', ['-n', namespaceOf(host), 'link', 'add', 'br0', 'type', 'bridge']);
    setUp({ host, device: 'br0', address });
    for (const [member, memberAddress] of Object.entries(members)) {
      const device = this.#lay(host, member);
      const port = ['-n', namespaceOf(host), 'link', 'set', device];
      runWell('ip', [...port, 'master', 'br0', 'up']);
      setUp({ host: member, device, address: memberAddress });
    }
  }

  /** Gives the host a default route. */
  route(host: string, gateway: string): void {
    runWell('ip', ['-n', namespaceOf(host), 'route', 'add', 'default', 'via', gateway]);
  }

  /** Lets the host forward packets by rules of nftables. */
  forward(host: string, rules: string): void {
    const enter = ['netns', 'exec', namespaceOf(host)];
    runWell('ip', [...enter, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    runWell('ip', [...enter, 'nft', '-f', '-'], rules);
  }

  dispose(): void {
    for (const namespace of this.#hosts) run('ip', ['netns', 'delete', namespace]);
  }

  /** Both ends of the cable have the same name. */
  #lay(from: string, to: string): string {
    this.#cables += 1;
    const device = `eth${this.#cables}`;
    runWell('ip', [
      ...['link', 'add', device, 'netns', namespaceOf(from), 'type', 'veth'],
      ...['peer', 'name', device, 'netns', namespaceOf(to)],
    ]);
    return device;
  }
}

function setUp(end: { host: string; device: string; address: string }): void {
  const { host, device, address } = end;
  runWell('ip', ['-n', namespaceOf(host), 'address', 'add', address, 'dev', device]);
  runWell('ip', ['-n', namespaceOf(host), 'link', 'set', device, 'up']);
}

function namespaceOf(host: string): string {
  return `myftp-${process.pid}-${host}`;
}

function run(command: string, args: readonly string[], input = ''): SpawnSyncReturns<string> {
  return spawnSync(command, args, { encoding: 'utf8', input });
}

function runWell(command: string, args: readonly string[], input = ''): void {
  const { status, stderr } = run(command, args, input);
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')}: ${stderr}`);
}
