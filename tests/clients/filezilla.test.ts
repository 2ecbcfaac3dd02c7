import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { describeClient, isInstalled } from './program.ts';
import { digestOf, octets } from './samples.ts';

/**
 * FileZilla takes a site from its command line and nothing else, so a mouse does the rest: a double click on
 * the first file of the local list (left), then of the remote one (right), transfers it.
 */
const DRIVE = `
filezilla --local="$PWD/files" --site=0/myftp &
filezilla=$!
trap 'kill $filezilla; wait $filezilla' EXIT
said() { for _ in $(seq 200); do grep -q "$1" log 2> /dev/null && return; sleep 0.1; done; exit 1; }
double_click() { xdotool mousemove "$1" "$2" click --repeat 2 --delay 60 1; }
said 'Directory listing of "/" successful'
double_click 60 442
said 'STOR up.bin'
said 'File transfer successful'
double_click 560 442
said 'RETR down.bin'
for _ in $(seq 200); do [ "$(grep -c 'File transfer successful' log)" = 2 ] && exit; sleep 0.1; done
exit 1
`;

const isThere = ['filezilla', 'xvfb-run', 'xdotool'].every(isInstalled);

describeClient('FileZilla', isThere, () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
    const { host, port } = site;
    const settings = {
      'Greeting version': '99.0.0',
      'Greeting resources': '',
      'Update Check': '0',
      'Logging file': site.local('log'),
    };
    const lines = Object.entries(settings).map(
      ([name, value]) => `<Setting name="${name}">${value}</Setting>`,
    );
    const pass = Buffer.from(PASSWORD).toString('base64');
    // Protocol 6: plain FTP, without asking for TLS.
    const server = `<Host>${host}</Host><Port>${port}</Port><Protocol>6</Protocol><Type>0</Type>
      <User>${USERNAME}</User><Pass encoding="base64">${pass}</Pass><Logontype>1</Logontype><Name>myftp</Name>`;
    const files = {
      filezilla: `<Settings>${lines.join('')}</Settings>`,
      sitemanager: `<Servers><Server>${server}</Server></Servers>`,
      trustedcerts: `<InsecureHosts><Host Port="${port}">${host}</Host></InsecureHosts>`,
    };
    for (const [name, content] of Object.entries(files)) {
      await site.writeLocal(
        `.config/filezilla/${name}.xml`,
        `<?xml version="1.0" encoding="UTF-8"?><FileZilla3>${content}</FileZilla3>`,
      );
    }
  });
  afterAll(() => site.close());

  test('logs in, lists, uploads and downloads', async () => {
    const [up, down] = [octets(300_000), octets(400_000)];
    await site.writeLocal('files/up.bin', up);
    await site.seed('down.bin', down);
    const args = ['-a', '-s', '-screen 0 1024x768x24', 'bash', '-c', DRIVE];
    const env = { ...site.environment, XDG_CONFIG_HOME: site.local('.config') };
    const { code } = await site.attempt('xvfb-run', args, { env });
    const log = await site.localText('log');
    expect({ code, log }).toEqual({ code: 0, log: expect.stringContaining('MLSD') });
    expect(log).not.toMatch(/Error:|Response: 5/);
    expect(await site.homeDigest('up.bin')).toBe(digestOf(up));
    expect(await site.localDigest('files/down.bin')).toBe(digestOf(down));
    await site.expectExactQuota();
  }, 60_000);
});
