import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StartError } from '../errors/start-error.ts';
import { loadCertificate } from './certificate.ts';
import { ensureSelfSigned } from './self-signed.ts';

const FIRST_START_MS = Date.UTC(2026, 4, 17, 12);
const DAY_MS = 86_400_000;

let cwd: string;
let directory: string;

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'myftp-self-signed-'));
  directory = path.join(cwd, 'tls');
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

function ensure({ names = ['ftp.example.org'], nowMs = FIRST_START_MS } = {}) {
  return ensureSelfSigned({ directory, names, now: () => nowMs });
}

function certificate(): X509Certificate {
  return new X509Certificate(readFileSync(path.join(directory, 'certificate.pem')));
}

function modeOf(file: string): number {
  return statSync(file).mode & 0o777;
}

describe('the first start', () => {
  test('makes a certificate for ten years with a key that only the owner can read', async () => {
    const { certFile, keyFile, isNew } = await ensure();
    expect({ certFile, keyFile, isNew }).toEqual({
      certFile: path.join(directory, 'certificate.pem'),
      keyFile: path.join(directory, 'key.pem'),
      isNew: true,
    });
    expect(modeOf(keyFile)).toBe(0o600);
    const x509 = certificate();
    expect(x509.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(new Date(x509.validFrom)).toEqual(new Date('2026-05-16T12:00:00Z'));
    expect(new Date(x509.validTo)).toEqual(new Date('2036-05-17T12:00:00Z'));
    expect(x509.ca).toBe(false);
    expect(await loadCertificate({ certFile, keyFile, now: () => FIRST_START_MS })).toMatchObject({
      warnings: [],
    });
    expect(readdirSync(directory).sort()).toEqual(['certificate.pem', 'key.pem']);
  });

  test('has the given names and those of this machine in it, each once', async () => {
    const names = ['FTP.example.org.', '203.0.113.5', '::', '0.0.0.0', 'box', 'localhost', 'a b'];
    await ensure({ names });
    expect(certificate().subject).toBe('CN=ftp.example.org');
    expect(certificate().subjectAltName).toBe(
      'DNS:ftp.example.org, IP Address:203.0.113.5, DNS:box, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
  });

  test.each([[[]], [['127.0.0.1']], [['x'.repeat(65)]]])(
    'is called localhost for want of a name that fits: %j',
    async (names) => {
      await ensure({ names });
      expect(certificate().subject).toBe('CN=localhost');
    },
  );

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'makes one that a client trusts by its file alone, over %s',
    async (version) => {
      const { certFile, keyFile } = await ensure({ nowMs: Date.now() });
      const [cert, key] = [readFileSync(certFile), readFileSync(keyFile)];
      const server = createServer({ cert, key }, (socket) => socket.end()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      for (const servername of ['localhost', 'ftp.example.org']) {
        const options = { port, servername, ca: cert, minVersion: version, maxVersion: version };
        const client = connect({ host: '127.0.0.1', ...options });
        await once(client, 'secureConnect');
        expect(client.authorized).toBe(true);
        client.destroy();
      }
      server.close();
    },
  );
});

describe('later starts', () => {
  test('keep it', async () => {
    await ensure();
    const { fingerprint256 } = certificate();
    const lateMs = Date.UTC(2036, 3, 16);
    expect(await ensure({ nowMs: lateMs, names: ['other'] })).toMatchObject({ isNew: false });
    expect(certificate().fingerprint256).toBe(fingerprint256);
  });

  test.each([
    ['expires within 30 days', Date.UTC(2036, 3, 18)],
    ['has expired', Date.UTC(2040, 0, 1)],
    ['was made by a clock that ran ahead', FIRST_START_MS - 2 * DAY_MS],
  ])('make a new one if it %s', async (_, nowMs) => {
    await ensure();
    const { fingerprint256 } = certificate();
    expect(await ensure({ nowMs })).toMatchObject({ isNew: true });
    expect(certificate().fingerprint256).not.toBe(fingerprint256);
    expect(new Date(certificate().validTo)).toEqual(
      new Date(new Date(nowMs).setUTCFullYear(new Date(nowMs).getUTCFullYear() + 10)),
    );
  });

  test.each(['certificate.pem', 'key.pem'])(
    'make both anew after a crash that left no %s, and clear up',
    async (lost) => {
      const { certFile, keyFile } = await ensure();
      rmSync(path.join(directory, lost));
      writeFileSync(`${keyFile}.new`, 'half a k', { mode: 0o644 });
      expect(await ensure()).toEqual({ certFile, keyFile, isNew: true });
      await loadCertificate({ certFile, keyFile });
      expect(modeOf(keyFile)).toBe(0o600);
      expect(existsSync(`${keyFile}.new`)).toBe(false);
    },
  );

  test('do not replace files that somebody has put there', async () => {
    const { keyFile } = await ensure();
    writeFileSync(keyFile, 'mine');
    await expect(ensure()).rejects.toThrow(
      `--data ${keyFile}: it is not PEM: it has no line -----BEGIN PRIVATE KEY-----. Remove both files from ${directory} to have the server make new ones.`,
    );
    expect(readFileSync(keyFile, 'utf8')).toBe('mine');
  });
});

test('a directory that cannot be made stops the start', async () => {
  writeFileSync(directory, '');
  await expect(ensure()).rejects.toThrow(StartError);
  await expect(ensure()).rejects.toThrow(`--data ${directory}: `);
});
