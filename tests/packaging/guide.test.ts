/** The guide for administrators, docs/operations.md: every command in it is run, or named here with the reason. */
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { builtPackage, packagesProblem } from './built-packages.ts';
import { DebianMachine, machineProblem } from './debian-machine.ts';
import { type GuideStep, stepsOf } from './guide.ts';

/** A crowded machine takes a minute to unpack a package. */
jest.setTimeout(300_000);

const CONFIG = '/etc/myftp/myftp.toml';
const ADDRESS = '203.0.113.5';

/** Commands that cannot run in the machine, each with the reason. */
const NOT_RUN: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^ufw /, 'the machine has no ufw and no network device to filter'],
  [
    /certbot/,
    'Let’s Encrypt cannot reach the machine; the test puts a certificate where certbot would',
  ],
  [
    /^systemctl restart fail2ban/,
    'fail2ban is not in the machine; system-files.test.ts checks the filter',
  ],
  [/^myftp-tui ls /, 'runs on another machine; debian-package.test.ts does it'],
  [/^tar xzf |install\.sh/, 'excludes the Debian package; tarball.test.ts does it'],
  [/^npm install /, 'the machine has no npm; npm-global.test.ts does it'],
  [/^npm run package/, 'needs a checkout; .ci/package-test.sh does it'],
  [/docker /, 'no Docker engine; tarball.test.ts does the steps of the image'],
];

const steps = stepsOf(await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8'));
const problem = packagesProblem ?? machineProblem();

test('names no command in vain', () => {
  const commands = steps.map(({ text }) => text);
  const vain = NOT_RUN.filter(([pattern]) => !commands.some((command) => pattern.test(command)));
  expect(vain).toEqual([]);
});

if (problem === undefined) describe('the guide', testGuide);
else test.skip(`the guide (${problem})`, () => {});

function testGuide(): void {
  let machine: DebianMachine;
  let knownCommands = '';
  const exports: string[] = [];

  beforeAll(async () => {
    machine = await DebianMachine.boot();
    await machine.copyIn(builtPackage('.deb'), `/root/${path.basename(builtPackage('.deb'))}`);
    // No mirror can be reached, and nobody answers questions.
    const apt = 'APT::Install-Recommends "false";\nAPT::Get::Assume-Yes "true";\n';
    await writeFile(machine.path('/etc/apt/apt.conf.d/90test'), apt);
    await writeFile(
      machine.path('/etc/hosts'),
      `127.0.0.1 localhost\n${ADDRESS} ftp.example.org\n`,
    );
    await putCertificate(machine);
  });

  afterAll(() => machine?.dispose());

  test.each(steps.map((step) => [`${step.section}: ${step.text}`, step] as const))(
    '%s',
    async (_name, step) => {
      if (step.kind === 'setting') await set(step.text);
      else if (!isNotRun(step)) await runCommand(step.text);
    },
  );

  /** As a person edits the file: the line of the setting, commented out or not, gets this value. */
  async function set(line: string): Promise<void> {
    const [, name = ''] = /^([\w-]+) = /.exec(line) ?? [];
    const file = machine.path(CONFIG);
    const text = await readFile(file, 'utf8');
    const changed = text.replace(new RegExp(`^(# )?${name} = .*$`, 'm'), line);
    expect(changed).toContain(`\n${line}\n`);
    await writeFile(file, changed);
  }

  async function runCommand(command: string): Promise<void> {
    if (command.startsWith('export ')) exports.push(command);
    knownCommands ||= (await machine.run('myftp-server --help')).stdout;
    const [, verb] = /myftp-server (backup|restore|doctor)\b/.exec(command) ?? [];
    // Written ahead in the guide; it is run as soon as the program has it.
    if (verb !== undefined && !new RegExp(`^ +${verb}\\b`, 'm').test(knownCommands)) return;
    // The guide has people type the password.
    const asked = command.includes('user add') ? `${command} --password-stdin` : command;
    const script = `cd /root; ${exports.join('; ')}\n${asked}`;
    const { code, stdout, stderr } = await machine.run(script, 'correct horse\n');
    if (code === 0) return;
    const journal = await machine.runWell('journalctl -o cat -n 5 -u myftp');
    throw new Error(`${asked}\nended with ${code}:\n${stdout}\n${stderr}\n${journal}`);
  }
}

function isNotRun({ text }: GuideStep): boolean {
  return NOT_RUN.some(([pattern]) => pattern.test(text));
}

/** Lays a certificate out as certbot does: links to files that are root's alone. */
async function putCertificate(machine: DebianMachine): Promise<void> {
  const { cert, private: key } = await generate(
    [{ name: 'commonName', value: 'ftp.example.org' }],
    {
      keyType: 'ec',
    },
  );
  const directories = ['live', 'archive'].map((name) =>
    machine.path(`/etc/letsencrypt/${name}/ftp.example.org`),
  );
  await mkdir(machine.path('/etc/letsencrypt'));
  for (const directory of directories) {
    await mkdir(path.dirname(directory), { mode: 0o700 });
    await mkdir(directory);
  }
  const [live = '', archive = ''] = directories;
  for (const [name, content] of [
    ['fullchain', cert],
    ['privkey', key],
  ] as const) {
    await writeFile(path.join(archive, `${name}1.pem`), content, { mode: 0o600 });
    await symlink(`../../archive/ftp.example.org/${name}1.pem`, path.join(live, `${name}.pem`));
  }
  await chmod(path.join(archive, 'fullchain1.pem'), 0o644);
}
