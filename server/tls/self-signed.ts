import { X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, readFile, rename, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import { inheritOwner } from '../../db/inherit-owner.ts';
import { makeDirectory } from '../disk/make-directory.ts';
import { StartError, startErrorFor } from '../errors/start-error.ts';
import { loadCertificate } from './certificate.ts';

const DAY_MS = 86_400_000;
/**
 * Clients pin this certificate when they first see it, because no authority vouches for it: each renewal alarms their
 * users, and an early expiry protects no one, because the certificate cannot be revoked.
 */
const VALID_YEARS = 10;
const RENEWED_BEFORE_END_MS = 30 * DAY_MS;
/** Longest name in X.520. */
const MAX_COMMON_NAME = 64;
const OF_THE_OWNER = 0o600;
const OF_EVERYBODY = 0o644;

interface SelfSignedFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Whether they were created by this call. */
  readonly isNew: boolean;
}

interface SelfSigned {
  /** Directory of the two files; created if it is missing. */
  readonly directory: string;
  /** Host names and addresses that clients may use for the server. */
  readonly names: readonly string[];
  readonly now: () => number;
}

/** Path of the certificate of `ensureSelfSigned`. Clients on this machine can trust it from there. */
export function selfSignedCertFile(directory: string): string {
  return path.join(directory, 'certificate.pem');
}

/**
 * Creates a self-signed certificate and its key unless they exist, and renews them shortly before they expire.
 *
 * A crash leaves both files or, for the next start, none.
 *
 * @throws StartError
 */
export async function ensureSelfSigned({
  directory,
  names,
  now,
}: SelfSigned): Promise<SelfSignedFiles> {
  const certFile = selfSignedCertFile(directory);
  const keyFile = path.join(directory, 'key.pem');
  try {
    makeDirectory(directory);
    if ((await exists(certFile)) && (await exists(keyFile))) {
      await requireUsable({ certFile, keyFile, directory, now });
      if (!(await isDue(certFile, now()))) return { certFile, keyFile, isNew: false };
    }
    await store({ certFile, keyFile, directory }, await generatePair(names, now()));
  } catch (error) {
    throw startErrorFor({ setting: `--data ${directory}`, error });
  }
  return { certFile, keyFile, isNew: true };
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file, constants.F_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Files that the administrator has put here are reported, not replaced. */
async function requireUsable(parts: {
  readonly certFile: string;
  readonly keyFile: string;
  readonly directory: string;
  readonly now: () => number;
}): Promise<void> {
  const { directory, ...files } = parts;
  try {
    await loadCertificate({ ...files, settings: { cert: '--data', key: '--data' } });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new StartError(
      `${error.message} Remove both files from ${directory} to have the server make new ones.`,
      { exitCode: error.exitCode, cause: error },
    );
  }
}

async function isDue(certFile: string, nowMs: number): Promise<boolean> {
  const x509 = new X509Certificate(await readFile(certFile));
  // Not checkIssued(), which wants a key that may sign certificates.
  const isOurs = x509.issuer === x509.subject && x509.verify(x509.publicKey);
  const isAtItsEnd = Date.parse(x509.validTo) - RENEWED_BEFORE_END_MS <= nowMs;
  const isMadeByAWrongClock = Date.parse(x509.validFrom) > nowMs;
  return isOurs && (isAtItsEnd || isMadeByAWrongClock);
}

interface Pair {
  readonly certPem: string;
  readonly keyPem: string;
}

async function generatePair(names: readonly string[], nowMs: number): Promise<Pair> {
  // Loaded only when it is needed: it takes longer than the rest of the start.
  const { generate } = await import('selfsigned');
  const certified = certifiable(names);
  const notAfterDate = new Date(nowMs);
  notAfterDate.setUTCFullYear(notAfterDate.getUTCFullYear() + VALID_YEARS);
  const pair = await generate([{ name: 'commonName', value: commonNameAmong(certified) }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // A client whose clock is a little slow need not wait.
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: certified.map(alternativeName) },
    ],
  });
  return { certPem: `${pair.cert.trimEnd()}\n`, keyPem: pair.private };
}

/** Those that a client can connect to and a certificate can hold, once each, and those of this machine. */
function certifiable(names: readonly string[]): readonly string[] {
  const plain = names.map((name) => name.toLowerCase().replace(/\.$/, ''));
  const usable = plain.filter((name) => (isIP(name) === 0 ? isHostName(name) : !isWildcard(name)));
  return [...new Set([...usable, 'localhost', '127.0.0.1', '::1'])];
}

function isHostName(name: string): boolean {
  return /^[a-z0-9_][a-z0-9._-]{0,252}$/.test(name);
}

/** Wildcard addresses cannot be connected to. */
function isWildcard(address: string): boolean {
  return /^[0.:]+$/.test(address);
}

function alternativeName(name: string) {
  return isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name };
}

/** Owner of the certificate, as clients show it. */
function commonNameAmong(names: readonly string[]): string {
  const telling = names.find(
    (name) => isIP(name) === 0 && name !== 'localhost' && name.length <= MAX_COMMON_NAME,
  );
  return telling ?? 'localhost';
}

interface Places {
  readonly certFile: string;
  readonly keyFile: string;
  readonly directory: string;
}

/** The key comes first and the certificate last: without a certificate, the next start makes both. */
async function store({ certFile, keyFile, directory }: Places, pair: Pair): Promise<void> {
  const [newKey, newCert] = [`${keyFile}.new`, `${certFile}.new`];
  await writeDurably({ file: newKey, text: pair.keyPem, mode: OF_THE_OWNER });
  await writeDurably({ file: newCert, text: pair.certPem, mode: OF_EVERYBODY });
  await rm(certFile, { force: true });
  await syncDirectory(directory);
  await rename(newKey, keyFile);
  await syncDirectory(directory);
  await rename(newCert, certFile);
  await syncDirectory(directory);
}

interface NewFile {
  readonly file: string;
  readonly text: string;
  readonly mode: number;
}

/** A file left by a crash is replaced, so that its mode is the new one's from the first byte on. */
async function writeDurably({ file, text, mode }: NewFile): Promise<void> {
  await rm(file, { force: true });
  const handle = await open(file, 'wx', mode);
  try {
    inheritOwner(handle.fd, file);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
