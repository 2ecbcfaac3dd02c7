import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ensureSelfSigned } from '../tls/self-signed.ts';
import { certificateCheck } from './certificate-check.ts';
import { examine } from './testing/examine.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 6, 1);

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-certificate-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A pair for ftp.example.org, valid for ten years from `fromMs` on. */
async function makePair(name: string, fromMs = NOW_MS): Promise<{ cert: string; key: string }> {
  const made = await ensureSelfSigned({
    directory: join(directory, name),
    names: ['ftp.example.org'],
    now: () => fromMs,
  });
  return { cert: made.certFile, key: made.keyFile };
}

async function check({ cert, key }: { cert: string; key: string }, nowMs = NOW_MS) {
  const flags = {
    ...{ 'tls-cert': cert, 'tls-key': key, data: join(directory, 'data') },
    ...{ host: '::', 'public-host': 'ftp.example.org' },
  };
  return await examine(certificateCheck, { flags, now: () => nowMs });
}

test('a pair that fits is fine and shows its names', async () => {
  const [verdict, ...others] = await check(await makePair('good'));
  expect(others).toEqual([]);
  expect(verdict).toMatchObject({ level: 'ok' });
  expect(verdict?.text).toMatch(/^The certificate is for ftp\.example\.org, .*until 2036-07-01\.$/);
});

describe('a fault', () => {
  test.each([
    ['has expired', 3700, 'problem', 'The certificate expired on 2036-07-01.'],
    ['expires soon', 3646, 'warning', 'The certificate expires in 7 days, on 2036-07-01.'],
    ['is not valid yet', -5, 'problem', 'The certificate is not valid yet.'],
  ])('%s', async (_, days, level, text) => {
    const verdicts = await check(await makePair('dated'), NOW_MS + days * DAY_MS);
    expect(verdicts).toEqual([
      { level, text, remedy: expect.stringMatching(/^(Renew it|Set the clock)/) },
    ]);
  });

  test('a key of another certificate', async () => {
    const { cert } = await makePair('one');
    const { key } = await makePair('two');
    const [verdict] = await check({ cert, key });
    expect(verdict).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('this private key does not belong to the certificate'),
    });
  });

  test('a file that does not exist', async () => {
    const { key } = await makePair('one');
    const [verdict] = await check({ cert: join(directory, 'none.pem'), key });
    expect(verdict).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('there is no such file or directory'),
    });
  });

  test('a name that is not in it', async () => {
    const { cert, key } = await makePair('named');
    const flags = { 'tls-cert': cert, 'tls-key': key, 'public-host': 'ftp.example.com' };
    const [verdict] = await examine(certificateCheck, { flags, now: () => NOW_MS });
    expect(verdict).toMatchObject({
      level: 'warning',
      text: expect.stringContaining('not for ftp.example.com of --public-host'),
    });
  });
});

test('the certificate that the server makes itself is looked at once it exists', async () => {
  const flags = { data: directory };
  expect(await examine(certificateCheck, { flags })).toEqual([
    { level: 'ok', text: 'The first start makes a self-signed certificate.' },
  ]);
  const { key } = await makePair('tls', Date.now());
  expect(await examine(certificateCheck, { flags })).toEqual([
    expect.objectContaining({ level: 'ok' }),
  ]);
  writeFileSync(key, 'no key');
  expect(await examine(certificateCheck, { flags })).toEqual([
    expect.objectContaining({
      level: 'problem',
      remedy: expect.stringContaining('Remove certificate.pem and key.pem'),
    }),
  ]);
});

test('TLS that is off is a warning for a server of the network', async () => {
  const [network] = await examine(certificateCheck, { flags: { tls: 'off', host: '::' } });
  expect(network).toMatchObject({ level: 'warning' });
  const [loopback] = await examine(certificateCheck, { flags: { tls: 'off' } });
  expect(loopback).toMatchObject({ level: 'ok' });
});
