import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { StartError } from '../errors/start-error.ts';
import { loadCertificate } from './certificate.ts';

interface Pair {
  readonly cert: string;
  readonly private: string;
}

let cwd: string;
let authority: Pair;
let ours: Pair;
let other: Pair;
let expired: Pair;

function certify(days: number, ca?: { key: string; cert: string }): Promise<Pair> {
  const atMs = Date.UTC(2026, 0, 1);
  return generate([{ name: 'commonName', value: ca ? 'ftp.example.org' : 'Example CA' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(atMs),
    notAfterDate: new Date(atMs + days * 86_400_000),
    ...(ca && { ca }),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'ftp.example.org' },
          { type: 7, ip: '203.0.113.5' },
        ],
      },
    ],
  });
}

beforeAll(async () => {
  authority = await certify(10_000);
  const ca = { key: authority.private, cert: authority.cert };
  [ours, other, expired] = await Promise.all([certify(90, ca), certify(90, ca), certify(1, ca)]);
});

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'myftp-certificate-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

function put(name: string, content: string | Buffer): string {
  const file = path.join(cwd, name);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

function load({ cert, key }: { cert: string | Buffer; key: string | Buffer }) {
  return loadCertificate({
    certFile: put('c.pem', cert),
    keyFile: put('k.pem', key),
    now: () => Date.UTC(2026, 1, 1),
  });
}

/** @param exitCode 75 for what time may mend. */
async function problemOf(loading: Promise<unknown>, exitCode: 75 | 78 = 78): Promise<string> {
  const error: unknown = await loading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StartError)) throw error;
  expect(error.exitCode).toBe(exitCode);
  return error.message.replaceAll(cwd, '/tls');
}

describe('a certificate that fits its key', () => {
  test('is loaded with its chain, names and fingerprint', async () => {
    const certPem = `${ours.cert}\n${authority.cert}\n`;
    expect(await load({ cert: certPem, key: ours.private })).toEqual({
      certPem,
      keyPem: ours.private,
      fingerprint256: new X509Certificate(ours.cert).fingerprint256,
      subjectNames: ['ftp.example.org', '203.0.113.5'],
      validTo: new Date('2026-04-01T00:00:00Z'),
      warnings: [],
    });
  });

  test('may share a file with it', async () => {
    const file = put('both.pem', `${ours.private}\n${ours.cert}\n`);
    const { warnings } = await loadCertificate({
      certFile: file,
      keyFile: file,
      now: () => Date.UTC(2026, 1, 1),
    });
    expect(warnings).toEqual([]);
  });

  test('may be RSA', async () => {
    const rsa = await generate([{ name: 'commonName', value: 'x' }], { algorithm: 'sha256' });
    expect((await load({ cert: rsa.cert, key: rsa.private })).subjectNames).toEqual(['x']);
  });

  test('that has expired is used with a warning', async () => {
    const { warnings } = await load({ cert: expired.cert, key: expired.private });
    expect(warnings).toEqual([
      `--tls-cert ${cwd}/c.pem: this certificate has expired (2026-01-02). Clients will not trust it.`,
    ]);
  });

  test('that is not valid yet is used with a warning', async () => {
    const files = { certFile: put('c.pem', ours.cert), keyFile: put('k.pem', ours.private) };
    const { warnings } = await loadCertificate({ ...files, now: () => 0 });
    expect(warnings).toEqual([expect.stringContaining('is not valid before 2026-01-01.')]);
  });

  test.each([0o644, 0o604, 0o660])('whose key has mode %o is used with a warning', async (mode) => {
    const files = { certFile: put('c.pem', ours.cert), keyFile: put('k.pem', ours.private) };
    chmodSync(files.keyFile, mode);
    const { warnings } = await loadCertificate({ ...files, now: () => Date.UTC(2026, 1, 1) });
    expect(warnings).toEqual([
      `--tls-key ${cwd}/k.pem: other users of this machine can get at the private key (mode 0${mode.toString(8)}). Take that right away with chmod 0600, or 0640 for a group.`,
    ]);
  });

  test.each([0o600, 0o400, 0o640])('whose key has mode %o is fine', async (mode) => {
    const files = { certFile: put('c.pem', ours.cert), keyFile: put('k.pem', ours.private) };
    chmodSync(files.keyFile, mode);
    const { warnings } = await loadCertificate({ ...files, now: () => Date.UTC(2026, 1, 1) });
    expect(warnings).toEqual([]);
  });

  test("that is certbot's cert.pem gets a hint at fullchain.pem", async () => {
    put('fullchain.pem', '');
    const files = {
      certFile: put('cert.pem', ours.cert),
      keyFile: put('privkey.pem', ours.private),
    };
    const { warnings } = await loadCertificate({ ...files, now: () => Date.UTC(2026, 1, 1) });
    expect(warnings).toEqual([expect.stringContaining(`Name ${cwd}/fullchain.pem instead.`)]);
  });
});

describe('what cannot be used is told with its setting, its file and why', () => {
  test('files that are missing, directories, and pipes that nobody writes to', async () => {
    const [certFile, keyFile] = [put('c.pem', ours.cert), put('k.pem', ours.private)];
    mkdirSync(path.join(cwd, 'd'));
    const missing = path.join(cwd, 'no');
    expect(await problemOf(loadCertificate({ certFile: missing, keyFile }), 75)).toBe(
      '--tls-cert /tls/no: there is no such file or directory.',
    );
    expect(await problemOf(loadCertificate({ certFile, keyFile: missing }), 75)).toBe(
      '--tls-key /tls/no: there is no such file or directory.',
    );
    expect(await problemOf(loadCertificate({ certFile: path.join(cwd, 'd'), keyFile }))).toBe(
      '--tls-cert /tls/d: it is a directory. Name the file in it.',
    );
    expect(await problemOf(loadCertificate({ certFile: '/dev/zero', keyFile }))).toBe(
      '--tls-cert /dev/zero: it is not a regular file.',
    );
  });

  test('a swapped pair', async () => {
    expect(await problemOf(load({ cert: ours.private, key: ours.cert }))).toBe(
      '--tls-cert /tls/c.pem: it holds the private key, and --tls-key /tls/k.pem the certificate. Swap them.',
    );
  });

  test('the key twice, the certificate twice', async () => {
    expect(await problemOf(load({ cert: ours.private, key: ours.private }))).toBe(
      '--tls-cert /tls/c.pem: it holds a private key, not a certificate.',
    );
    expect(await problemOf(load({ cert: ours.cert, key: ours.cert }))).toBe(
      '--tls-key /tls/k.pem: it holds a certificate, not a private key.',
    );
  });

  test.each<[string, () => string | Buffer, string]>([
    ['nothing', () => ' \n', 'it is empty.'],
    ['text', () => 'hello', 'it is not PEM: it has no line -----BEGIN CERTIFICATE-----.'],
    [
      'DER',
      () => new X509Certificate(ours.cert).raw,
      'it is not PEM but binary, perhaps DER or PKCS#12. Convert it with openssl x509, pkey or pkcs12.',
    ],
    [
      'a request',
      () => '-----BEGIN CERTIFICATE REQUEST-----\n',
      'it holds a request for a certificate, not a certificate.',
    ],
    ['PKCS #7', () => '-----BEGIN PKCS7-----\n', 'it holds a PKCS7, not a certificate.'],
    ['half of it', () => ours.cert.slice(0, 200), 'its certificate is damaged.'],
    ['too much', () => Buffer.alloc(2 ** 21), 'it is too large for a PEM file.'],
  ])('%s instead of a certificate', async (_, content, reason) => {
    const problem = await problemOf(load({ cert: content(), key: ours.private }));
    expect(problem).toBe(`--tls-cert /tls/c.pem: ${reason}`);
  });

  test.each<[string, () => string, string]>([
    ['nothing', () => '', 'it is empty.'],
    [
      'a public key',
      () => '-----BEGIN PUBLIC KEY-----\n',
      'it holds a PUBLIC KEY, not a private key.',
    ],
    [
      'half of it',
      () => ours.private.slice(0, 100),
      'its private key is damaged, or of a kind that TLS does not know.',
    ],
    [
      'an encrypted key',
      () => encrypted('pkcs8'),
      'its key is encrypted, and the server cannot ask for the passphrase. Decrypt it with: openssl pkey -in <this file> -out <new file>',
    ],
    [
      'a key encrypted in the older way',
      () => encrypted('sec1'),
      'its key is encrypted, and the server cannot ask for the passphrase. Decrypt it with: openssl pkey -in <this file> -out <new file>',
    ],
    [
      'the key of another certificate',
      () => other.private,
      'this private key does not belong to the certificate in --tls-cert /tls/c.pem.',
    ],
  ])('%s instead of the key', async (_, content, reason) => {
    const problem = await problemOf(load({ cert: ours.cert, key: content() }));
    expect(problem).toBe(`--tls-key /tls/k.pem: ${reason}`);
  });

  test('a chain in the wrong order', async () => {
    const cert = `${authority.cert}\n${ours.cert}\n`;
    expect(await problemOf(load({ cert, key: ours.private }))).toBe(
      "--tls-cert /tls/c.pem: its certificates are in the wrong order. Put the server's own first, then those that signed it.",
    );
  });

  test('a chain that is damaged further down', async () => {
    const cert = `${ours.cert}\n${authority.cert.replace(/\nMI/, '\n==')}\n`;
    expect(await problemOf(load({ cert, key: ours.private }))).toMatch(
      /^--tls-cert \/tls\/c\.pem: OpenSSL cannot use it: .+\.$/,
    );
  });

  test('a key that is too weak for TLS', async () => {
    const weak = await generate([{ name: 'commonName', value: 'x' }], {
      keySize: 512,
      algorithm: 'sha256',
    });
    expect(await problemOf(load({ cert: weak.cert, key: weak.private }))).toBe(
      '--tls-cert /tls/c.pem: OpenSSL cannot use it: ee key too small.',
    );
  });
});

function encrypted(type: 'pkcs8' | 'sec1'): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey
    .export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
}
