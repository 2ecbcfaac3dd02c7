import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { isInstalled } from '../clients/program.ts';
import { builtPackage, packagesProblem } from './built-packages.ts';
import { DebianMachine, machineProblem } from './debian-machine.ts';
import { uploadWithLftp } from './machine-client.ts';

/** A crowded machine takes a minute to unpack a package. */
jest.setTimeout(300_000);

const CONFIG = '/etc/myftp/myftp.toml';
const problem =
  packagesProblem ??
  machineProblem() ??
  (isInstalled('lftp') ? undefined : 'lftp is not installed');

if (problem === undefined) describeTheDebianPackage();
else test.skip(`the Debian package (${problem})`, () => {});

/** One machine's story: each test goes on where the one before has ended. */
function describeTheDebianPackage(): void {
  describe('the Debian package', () => {
    let machine: DebianMachine;

    beforeAll(async () => {
      machine = await DebianMachine.boot();
      await machine.copyIn(builtPackage('.deb'), '/root/myftp.deb');
    });

    afterAll(() => machine?.dispose());

    test('installs on a system without Node and compiler, and starts nothing', async () => {
      const { code } = await machine.run('command -v node || command -v cc || command -v make');
      expect(code).not.toBe(0);
      await machine.runWell('dpkg -i /root/myftp.deb');
      expect(await machine.runWell('dpkg --verify myftp')).toBe('');
      expect(await machine.runWell('myftp-server --version; myftp-tui --version')).toMatch(
        /^(\d+\.\d+\.\d+)\n\1\n$/,
      );
      expect(await property('ActiveState')).toBe('inactive');
    });

    test('makes a user without a shell, who alone has the data', async () => {
      expect(await machine.runWell('getent passwd myftp')).toMatch(
        /:\/var\/lib\/myftp:\/usr\/sbin\/nologin\n$/,
      );
      expect(await machine.runWell('stat -c "%U %G %a" /var/lib/myftp')).toBe('myftp myftp 750\n');
    });

    test('brings man pages, completions, logrotate, fail2ban and the licences', async () => {
      const files = await machine.runWell('dpkg --listfiles myftp');
      for (const file of [
        '/usr/share/man/man8/myftp-server.8.gz',
        '/usr/share/man/man1/myftp-tui.1.gz',
        '/usr/share/bash-completion/completions/myftp-server',
        '/usr/share/zsh/vendor-completions/_myftp-tui',
        '/usr/share/fish/vendor_completions.d/myftp-server.fish',
        '/etc/logrotate.d/myftp',
        '/etc/fail2ban/filter.d/myftp.conf',
        '/usr/share/doc/myftp/copyright',
        '/usr/share/doc/myftp/licences/node.txt',
        '/usr/share/doc/myftp/licences/server-bundle.txt',
        '/usr/share/doc/myftp/licences/client-bundle.txt',
      ]) {
        expect(files).toContain(`${file}\n`);
      }
    });

    test('runs as a service on port 21: an upload over TLS works', async () => {
      await machine.runWell(
        `sed -i 's/^# host = .*/host = "::"/; s/^# port = .*/port = 21/; s/^# signup = .*/signup = "off"/' ${CONFIG}`,
      );
      // Type=notify: it returns when clients can connect.
      await machine.runWell('systemctl enable --now myftp');
      expect(await property('StatusText')).toBe('Listening on ftp://[::]:21');
      expect(
        await machine.runWell(
          'ps -o user= -C MainThread || stat -c %U /proc/$(systemctl show -P MainPID myftp)',
        ),
      ).toContain('myftp');
      await machine.runWell(
        `runuser -u myftp -- myftp-server user add anna --config ${CONFIG} --password-stdin`,
        'correct horse\n',
      );
      await uploadWithLftp(machine, 21);
    });

    test('its own client reaches it', async () => {
      const url = 'ftp://anna@127.0.0.1:21/';
      const untrusted = await machine.run(
        `myftp-tui ls ${url} --password-stdin`,
        'correct horse\n',
      );
      const [fingerprint] = /([0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(untrusted.stderr) ?? [];
      expect({ untrusted, fingerprint }).toMatchObject({ fingerprint: expect.any(String) });
      const listed = await machine.runWell(
        `myftp-tui ls ${url} --password-stdin --trust ${fingerprint}`,
        'correct horse\n',
      );
      expect(listed).toBe('sample.txt\n');
    });

    test('reloads and reopens its logs by signals, and answers ping', async () => {
      await machine.runWell('systemctl reload myftp');
      await machine.runWell('systemctl kill --kill-whom=main --signal=USR1 myftp');
      expect(await machine.runWell(`myftp-server ping --config ${CONFIG}`)).toBe(
        '220 MyFTP ready.\n',
      );
      const log = '/var/lib/myftp/logs/server.log';
      await machine.runWell(`until grep -q 'log files reopened' ${log}; do sleep 0.1; done`);
      expect(await machine.runWell(`cat ${log}`)).toContain('certificate reloaded');
      expect(await machine.runWell(`grep -c '"level":"error"' ${log} || true`)).toBe('0\n');
    });

    test('logrotate renames the logs, and the server goes on in new ones', async () => {
      const log = '/var/lib/myftp/logs/logins.log';
      await machine.runWell('logrotate --force /etc/logrotate.d/myftp');
      await machine.runWell(`until test -e ${log}; do sleep 0.1; done`);
      await uploadWithLftp(machine, 21);
      await machine.runWell(`until grep -q anna ${log}; do sleep 0.1; done`);
      expect(await machine.runWell(`stat -c '%U %a' ${log} ${log}.1`)).toBe(
        'myftp 640\nmyftp 640\n',
      );
    });

    test('an upgrade restarts it and keeps the settings', async () => {
      const before = await property('MainPID');
      await machine.runWell('dpkg -i /root/myftp.deb');
      expect(await property('ActiveState')).toBe('active');
      expect(await property('MainPID')).not.toBe(before);
      expect(await machine.runWell(`grep '^port' ${CONFIG}`)).toBe('port = 21\n');
    });

    test('settings that cannot work end it with 78, and systemd does not try again', async () => {
      await machine.runWell(`cp ${CONFIG} /root/saved && echo 'prot = 21' >> ${CONFIG}`);
      expect((await machine.run('systemctl restart myftp')).code).not.toBe(0);
      expect(await property('ExecMainStatus')).toBe('78');
      expect(await property('SubState')).toBe('failed');
      const journal = await machine.runWell('journalctl --no-pager -u myftp');
      expect(journal).toContain('prot: there is no such setting. Did you mean port?');
      await machine.runWell(`cp /root/saved ${CONFIG} && systemctl start myftp`);
    });

    test('a server that dies comes back', async () => {
      await machine.runWell('systemctl kill --kill-whom=main --signal=KILL myftp');
      await machine.runWell(`until myftp-server ping --config ${CONFIG}; do sleep 0.2; done`);
      expect(await property('NRestarts')).toBe('1');
      await uploadWithLftp(machine, 21);
    });

    test('removing it stops it and keeps settings and data', async () => {
      await machine.runWell('dpkg --remove myftp');
      expect(
        (await machine.run('test -e /usr/lib/myftp || systemctl is-active myftp')).code,
      ).not.toBe(0);
      expect((await machine.run('ls /etc/systemd/system/*/myftp.service')).code).not.toBe(0);
      await stat(machine.path(CONFIG));
      await stat(machine.path('/var/lib/myftp/files/anna/sample.txt'));
    });

    test("purging it deletes settings and logs, but never the accounts' files", async () => {
      expect(await machine.runWell('dpkg --purge myftp')).toContain('Kept /var/lib/myftp');
      expect(await machine.runWell('ls -A /var/lib/myftp')).not.toContain('logs');
      await stat(machine.path('/var/lib/myftp/files/anna/sample.txt'));
      expect(await machine.runWell('find /etc -name "*myftp*"')).not.toMatch(/./);
    });

    test('without data, purging leaves no trace', async () => {
      await machine.runWell(
        'rm -r /var/lib/myftp && dpkg -i /root/myftp.deb && dpkg --purge myftp',
      );
      expect((await machine.run('getent passwd myftp')).code).not.toBe(0);
      const left = await machine.runWell(
        'find /etc /usr /var/lib -path "*myftp*" -not -path "*/fontconfig/*"',
      );
      expect(left).toBe('');
    });

    async function property(name: string): Promise<string> {
      return (await machine.runWell(`systemctl show --value --property ${name} myftp`)).trim();
    }
  });
}
