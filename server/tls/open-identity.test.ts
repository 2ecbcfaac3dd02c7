import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import type { Settings } from '../config/settings.ts';
import { silentLogs } from '../logging/logging.ts';
import { type OpenIdentity, openIdentity } from './open-identity.ts';

let directory: string;
let opened: OpenIdentity | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'myftp-identity-'));
});
afterEach(async () => {
  opened?.close();
  opened = undefined;
  await rm(directory, { recursive: true });
});

async function open(settings: Partial<Settings>): Promise<OpenIdentity | undefined> {
  const common = {
    tls: 'optional',
    tlsSessionReuse: 'prefer',
    host: '127.0.0.1',
    dataDir: directory,
  } as const;
  opened = await openIdentity({
    settings: { ...common, ...settings } as Settings,
    log: silentLogs().server,
    now: Date.now,
  });
  return opened;
}

async function writePair(): Promise<{ tlsCert: string; tlsKey: string }> {
  const pair = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' });
  const files = { tlsCert: join(directory, 'cert.pem'), tlsKey: join(directory, 'key.pem') };
  await writeFile(files.tlsCert, pair.cert);
  await writeFile(files.tlsKey, pair.private, { mode: 0o600 });
  return files;
}

test('with TLS off there is none, and nothing is made', async () => {
  expect(await open({ tls: 'off' })).toBeUndefined();
  await expect(stat(join(directory, 'tls'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('without a certificate one is made, and is the same at the next start', async () => {
  const first = await open({ publicHosts: [{ network: undefined, host: 'ftp.example.org' }] });
  expect(first?.isSelfSigned).toBe(true);
  expect(first?.identity.certificate.subjectNames.join()).toContain('ftp.example.org');
  first?.close();
  const second = await open({ publicHosts: [{ network: undefined, host: 'ftp.example.org' }] });
  expect(second?.identity.certificate.fingerprint256).toBe(
    first?.identity.certificate.fingerprint256,
  );
});

test('one that is given is used, and read again when that is asked for', async () => {
  const files = await writePair();
  const given = await open(files);
  expect(given?.isSelfSigned).toBe(false);
  const before = given?.identity.certificate.fingerprint256;
  await writePair();
  await given?.reload();
  expect(given?.identity.certificate.fingerprint256).not.toBe(before);
});

test('a reload that fails says which file is at fault, and the one before stays', async () => {
  const files = await writePair();
  const given = await open(files);
  const before = given?.identity.certificate.fingerprint256;
  await writeFile(files.tlsCert, 'nonsense');
  await expect(given?.reload()).rejects.toThrow(files.tlsCert);
  expect(given?.identity.certificate.fingerprint256).toBe(before);
});

test('a start that fails says so, too', async () => {
  const files = await writePair();
  await rm(files.tlsKey);
  await expect(open(files)).rejects.toThrow(files.tlsKey);
});
