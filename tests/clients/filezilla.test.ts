import { X509Certificate } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Settings } from '../../server/config/settings.ts';
import { cutUpload } from '../../server/testing/cut-upload.ts';
import { ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { describeClient, isInstalled } from './program.ts';
import { digestOf, octets } from './samples.ts';

/**
 * FileZilla takes a site from its command line and nothing else, so a mouse does the rest: a double click on
 * the first file of the local list (left), then of the remote one (right), transfers it.
 */
const START = `
filezilla --local="$PWD/files" --site=0/myftp &
filezilla=$!
trap 'kill $filezilla; wait $filezilla' EXIT
said() { for _ in $(seq 200); do grep -q "$1" log 2> /dev/null && return; sleep 0.1; done; exit 1; }
double_click() { xdotool mousemove "$1" "$2" click --repeat 2 --delay 60 1; }
said 'Directory listing of "/" successful'
double_click 60 442
`;

const UP_AND_DOWN = `${START}
said 'STOR up.bin'
said 'File transfer successful'
double_click 560 442
said 'RETR down.bin'
for _ in $(seq 200); do [ "$(grep -c 'File transfer successful' log)" = 2 ] && exit; sleep 0.1; done
exit 1
`;

const CARRY_ON = `${START}
said 'File transfer successful'
`;

/** Without a STOR for so long, a transfer has been given up: FileZilla waits five seconds before it tries again. */
const GIVES_UP = `${START}
said '552'
tries() { grep -c -E 'Command:.*(STOR|APPE) up.bin' log; }
for _ in $(seq 15); do
  before=$(tries)
  sleep 8
  [ "$(tries)" = "$before" ] && exit 0
done
exit 1
`;

const isThere = ['filezilla', 'xvfb-run', 'xdotool'].every(isInstalled);

interface Mode {
  readonly name: string;
  /** FileZilla's number: 6 is plain FTP, without asking for TLS; 4 is explicit, 3 is implicit TLS. */
  readonly protocol: 6 | 4 | 3;
  readonly settings: Partial<Settings>;
}

const MODES: readonly Mode[] = [
  { name: 'FileZilla', protocol: 6, settings: {} },
  {
    name: 'FileZilla over TLS, which has to resume its sessions,',
    protocol: 4,
    settings: { tls: 'optional', tlsSessionReuse: 'require' },
  },
  {
    name: 'FileZilla over implicit TLS',
    protocol: 3,
    settings: { tls: 'optional', implicitPort: 0 },
  },
];

for (const { name, protocol, settings } of MODES) {
  describeClient(name, isThere, () => {
    let site: ClientSite;

    beforeAll(async () => {
      site = await ClientSite.open({ settings });
      const port = protocol === 3 ? site.server.implicitPort : site.port;
      await configure(site, { protocol, port });
    });
    afterAll(() => site.close());

    test('logs in, lists, uploads and downloads', async () => {
      const [up, down] = [octets(300_000), octets(400_000)];
      await site.writeLocal('files/up.bin', up);
      await site.seed('down.bin', down);
      const { code, log } = await drive(site, UP_AND_DOWN);
      expect({ code, log }).toEqual({ code: 0, log: expect.stringContaining('MLSD') });
      expect(log).not.toMatch(/Error:|Response: 5/);
      expect(await site.homeDigest('up.bin')).toBe(digestOf(up));
      expect(await site.localDigest('files/down.bin')).toBe(digestOf(down));
      await site.expectExactQuota();
    });

    if (protocol === 6) {
      test.each([
        ['a new file', undefined, 9_000_000],
        ['over a file', octets(200_000), 9_000_000],
        ['a new file without any room', undefined, 0],
      ])(
        'gives up, rather than trying for ever, when the quota is full: %s',
        async (_what, before, roomBytes) => {
          await site.server.setQuota(USERNAME, 1024 ** 3);
          const client = await site.server.login(USERNAME, PASSWORD);
          await client.command('DELE up.bin');
          await client.command('DELE down.bin');
          await site.writeLocal('files/up.bin', octets(30_000_000));
          for (const old of ['log', 'files/down.bin']) await rm(site.local(old), { force: true });
          if (before !== undefined) await site.seed('up.bin', before);
          const usedBytes = await site.usedBytes();
          await site.server.setQuota(USERNAME, usedBytes + roomBytes);
          const { code, log } = await drive(site, GIVES_UP);
          const tries = log.match(/Command:.*(STOR|APPE|REST).*/g);
          expect({ code, tries }).toEqual({ code: 0, tries: expect.anything() });
          await site.expectExactQuota();
        },
        180_000,
      );

      test('carries on an upload that was cut, also where nothing may be overwritten', async () => {
        const whole = octets(300_000);
        await site.server.setQuota(USERNAME, 1024 ** 3);
        await site.writeLocal('files/up.bin', whole);
        for (const old of ['log', 'files/down.bin']) await rm(site.local(old), { force: true });
        const client = await site.server.login(USERNAME, PASSWORD);
        await client.command('DELE up.bin');
        await cutUpload(client, 'STOR up.bin', whole.subarray(0, 100_000));
        await site.server.setAccess(USERNAME, { rights: { '/': 'no-overwrite' } });
        const { code, log } = await drive(site, CARRY_ON);
        expect({ code, log }).toEqual({ code: 0, log: expect.stringMatching(/REST 100000|APPE/) });
        expect(await site.homeDigest('up.bin')).toBe(digestOf(whole));
        await site.expectExactQuota();
      });
    }
  });
}

async function drive(site: ClientSite, script: string): Promise<{ code: unknown; log: string }> {
  const args = ['-a', '-s', '-screen 0 1024x768x24', 'bash', '-c', script];
  const env = { ...site.environment, XDG_CONFIG_HOME: site.local('.config') };
  const { code } = await site.attempt('xvfb-run', args, { env });
  return { code, log: await site.localText('log') };
}

/** What a user would have answered in FileZilla's dialogues. */
async function configure(
  site: ClientSite,
  { protocol, port }: { readonly protocol: number; readonly port: number },
): Promise<void> {
  const { host } = site;
  const settings = {
    'Greeting version': '99.0.0',
    'Greeting resources': '',
    'Update Check': '0',
    // 5: resume.
    'File exists action upload': '5',
    'Logging file': site.local('log'),
  };
  const lines = Object.entries(settings).map(
    ([name, value]) => `<Setting name="${name}">${value}</Setting>`,
  );
  const pass = Buffer.from(PASSWORD).toString('base64');
  const server = `<Host>${host}</Host><Port>${port}</Port><Protocol>${protocol}</Protocol><Type>0</Type>
    <User>${USERNAME}</User><Pass encoding="base64">${pass}</Pass><Logontype>1</Logontype><Name>myftp</Name>`;
  const trusted =
    protocol === 6
      ? `<InsecureHosts><Host Port="${port}">${host}</Host></InsecureHosts>`
      : `<TrustedCerts><Certificate>${await trustedCertificate(site)}<Host>${host}</Host><Port>${port}</Port><TrustSANs>0</TrustSANs></Certificate></TrustedCerts>`;
  const files = {
    filezilla: `<Settings>${lines.join('')}</Settings>`,
    sitemanager: `<Servers><Server>${server}</Server></Servers>`,
    trustedcerts: trusted,
  };
  for (const [name, content] of Object.entries(files)) {
    await site.writeLocal(
      `.config/filezilla/${name}.xml`,
      `<?xml version="1.0" encoding="UTF-8"?><FileZilla3>${content}</FileZilla3>`,
    );
  }
}

async function trustedCertificate({ server }: ClientSite): Promise<string> {
  const pem = await readFile(join(server.settings.dataDir, 'tls', 'certificate.pem'));
  const { raw, validFrom, validTo } = new X509Certificate(pem);
  const seconds = (date: string) => Math.floor(Date.parse(date) / 1000);
  return `<Data>${raw.toString('hex')}</Data><ActivationTime>${seconds(validFrom)}</ActivationTime><ExpirationTime>${seconds(validTo)}</ExpirationTime>`;
}
