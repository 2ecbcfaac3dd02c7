import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { describeSize } from '../config/units.ts';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { KEEP_UNKNOWN_DAYS, UnknownUploads } from '../uploads/unknown-uploads.ts';
import { type Check, ok, problem, type Verdict, warning } from './finding.ts';
import { readText } from './processes.ts';

/** The staging directory: whether uploads can be renamed from it to the homes, and unfinished uploads without a row. */
export const stagingCheck: Check = {
  id: 'staging',
  async inspect({ settings: { rootDir } }) {
    const root = realPathOf(rootDir);
    if (root === undefined) return [];
    return [mountVerdict(root), ...(await unknownVerdicts(join(root, STAGING_DIRECTORY)))];
  },
};

/** A rename works within one mount only. */
function mountVerdict(root: string): Verdict {
  const mounts = mountPoints().filter((path) => path.startsWith(`${root}/`));
  if (mounts.length === 0) return ok('The homes and the staging directory are on one file system.');
  const staging = join(root, STAGING_DIRECTORY);
  if (mounts.includes(staging)) {
    return problem(
      `${staging} is a mount of its own, so that no upload can be moved to its home.`,
      'Unmount it; the staging directory has to be on the file system of --root.',
    );
  }
  return warning(
    `Other file systems are mounted below --root, at ${mounts.slice(0, 5).join(', ')}. Uploads to there fail, as they are renamed from ${staging}.`,
    'Mount one file system for all homes at --root, or add accounts there with user add --home.',
  );
}

async function unknownVerdicts(staging: string): Promise<readonly Verdict[]> {
  const unknown = new UnknownUploads(staging);
  const { files, bytes } = await unknown.measure();
  if (files === 0) return [];
  const count = files === 1 ? '1 unfinished upload' : `${files} unfinished uploads`;
  return [
    warning(
      `${unknown.directory} has ${count} (${describeSize(bytes)}) that the database does not know. The server removes them when they are ${KEEP_UNKNOWN_DAYS} days old.`,
      'If the database was lost or restored, start with the right one: it brings them back. After a crash they can be deleted.',
    ),
  ];
}

function realPathOf(directory: string): string | undefined {
  try {
    return realpathSync(directory);
  } catch {
    return undefined;
  }
}

function mountPoints(): readonly string[] {
  const lines = (readText('/proc/self/mountinfo') ?? '').split('\n').filter(Boolean);
  return lines.map((line) => unescaped(line.split(' ')[4] ?? ''));
}

/** The system writes blanks and backslashes as `\040` and `\134`. */
function unescaped(path: string): string {
  return path.replaceAll(/\\(\d{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
