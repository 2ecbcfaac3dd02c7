import { mkdir, readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cutUpload } from '../../server/testing/cut-upload.ts';
import { ClientSite, PASSWORD, USERNAME } from '../clients/client-site.ts';
import { describeClient, isInstalled, type Outcome } from '../clients/program.ts';
import { digestOf, octets } from '../clients/samples.ts';

const WHOLE = octets(300_000);
const SENT_BYTES = 100_000;

let site: ClientSite;

beforeAll(async () => {
  site = await ClientSite.open();
  await mkdir(site.home('in'));
  const rights = { '/': 'read-only', '/in': 'upload-only' };
  await site.server.setAccess(USERNAME, { rights });
  await site.writeLocal('report.pdf', WHOLE);
});
afterAll(() => site.close());

/** Leaves the beginning of the file as a cut upload. */
async function cut(name: string): Promise<void> {
  const client = await site.server.login(USERNAME, PASSWORD);
  await cutUpload(client, `STOR /in/${name}`, WHOLE.subarray(0, SENT_BYTES));
  await client.close();
}

async function expectStored(name: string): Promise<void> {
  expect(await site.homeDigest(`in/${name}`)).toBe(digestOf(WHOLE));
}

describeClient('curl', isInstalled('curl'), () => {
  const curl = (...args: readonly string[]): Promise<Outcome> =>
    site.attempt('curl', ['--silent', '--show-error', ...args]);

  test('uploads into a drop box, beside a file of the same name, and cannot see them', async () => {
    for (let count = 0; count < 2; count += 1) {
      const { code } = await curl('-T', site.local('report.pdf'), site.url('/in/curl.pdf'));
      expect(code).toBe(0);
    }
    const names = (await readdir(site.home('in'))).filter((name) => name.startsWith('curl'));
    expect(names.toSorted()).toEqual([expect.stringMatching(/^curl-\w{10}\.pdf$/), 'curl.pdf']);
    for (const name of names) await expectStored(name);
    expect((await curl('-o', site.local('x'), site.url('/in/curl.pdf'))).code).not.toBe(0);
    expect((await curl(site.url('/in/'))).code).not.toBe(0);
  });

  test('resumes an upload that was cut', async () => {
    await cut('curl-resumed.pdf');
    const file = site.local('report.pdf');
    const { code } = await curl('-C', '-', '-T', file, site.url('/in/curl-resumed.pdf'));
    expect(code).toBe(0);
    await expectStored('curl-resumed.pdf');
  });
});

describeClient('lftp', isInstalled('lftp'), () => {
  function lftp(command: string): Promise<Outcome> {
    const lines = [
      ...['set ftp:ssl-allow no', 'set net:max-retries 1', 'set net:timeout 20'],
      `open -u ${USERNAME},"${PASSWORD}" -p ${site.port} ${site.host}`,
      command,
    ];
    return site.attempt('lftp', ['--norc', '-c', lines.join('\n')]);
  }

  test('uploads into a drop box', async () => {
    const { code, stderr } = await lftp('cd /in; put report.pdf -o lftp.pdf');
    expect([code, stderr]).toEqual([0, '']);
    await expectStored('lftp.pdf');
    expect((await lftp('get /in/lftp.pdf -o stolen')).code).not.toBe(0);
  });

  test('resumes an upload that was cut', async () => {
    await cut('lftp-resumed.pdf');
    const { code, stderr } = await lftp('cd /in; put -c report.pdf -o lftp-resumed.pdf');
    expect([code, stderr]).toEqual([0, '']);
    await expectStored('lftp-resumed.pdf');
    expect(await readdir(site.home('in'))).toContain('lftp-resumed.pdf');
  });
});
