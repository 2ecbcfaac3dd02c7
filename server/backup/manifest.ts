import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { CommandError } from '../errors/command-error.ts';

export const MANIFEST_FILE = 'manifest.json';
const FORMAT = 1;

/** Everything that a backup can hold, by the place in the data directory, with its mode. */
export const BACKUP_FILES = {
  'myftp.db': 0o600,
  'tls/certificate.pem': 0o644,
  'tls/key.pem': 0o600,
} as const;

export type BackupFile = keyof typeof BACKUP_FILES;

const names = Object.keys(BACKUP_FILES) as [BackupFile, ...BackupFile[]];

const schema = v.object({
  format: v.literal(FORMAT),
  program: v.literal('myftp-server'),
  version: v.string(),
  /** ISO 8601, in UTC. */
  createdAt: v.string(),
  /** The root of the files, which are not in the backup. */
  rootDir: v.nullable(v.string()),
  files: v.array(v.object({ path: v.picklist(names), bytes: v.number(), sha256: v.string() })),
});

/** Contents of a backup. It is written last: a directory without it is no backup. */
export type Manifest = v.InferOutput<typeof schema>;
export type ManifestFile = Manifest['files'][number];

/** The entry of a file of a backup. */
export async function describeFile(directory: string, file: BackupFile): Promise<ManifestFile> {
  const pathname = path.join(directory, file);
  const { size: bytes } = await stat(pathname);
  return { path: file, bytes, sha256: await digestOf(pathname) };
}

export function manifestText(manifest: Omit<Manifest, 'format' | 'program'>): string {
  const whole = { format: FORMAT, program: 'myftp-server', ...manifest } satisfies Manifest;
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}

/**
 * Reads the manifest of a backup and checks each file against it.
 *
 * @throws CommandError if it is no backup, or damaged.
 */
export async function readBackup(directory: string): Promise<Manifest> {
  const manifest = await readManifest(directory);
  if (!manifest.files.some((file) => file.path === 'myftp.db')) {
    throw new CommandError(`${directory}: the backup has no database.`);
  }
  for (const file of manifest.files) await requireSame(directory, file);
  return manifest;
}

async function readManifest(directory: string): Promise<Manifest> {
  const file = path.join(directory, MANIFEST_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      `${directory} is not a backup, or one that was not finished: ${MANIFEST_FILE} cannot be read (${code}).`,
      { cause: error },
    );
  }
  const result = v.safeParse(schema, parsed(text));
  if (result.success) return result.output;
  throw new CommandError(
    `${file} is not the manifest of a backup that this version knows. Restore it with the version that made it.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function requireSame(directory: string, expected: ManifestFile): Promise<void> {
  const found = await describeFile(directory, expected.path).catch(() => undefined);
  if (found?.bytes === expected.bytes && found.sha256 === expected.sha256) return;
  throw new CommandError(
    `${path.join(directory, expected.path)} is missing or is not what was backed up (its SHA-256 differs). Nothing was changed; restore another backup.`,
  );
}

async function digestOf(pathname: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(pathname)) hash.update(chunk);
  return hash.digest('hex');
}
