import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { STAGING_DIRECTORY } from '../files/staging-directory.ts';
import { type Check, ok, problem, warning } from './finding.ts';
import { readText } from './processes.ts';

/** Uploads are renamed from the staging directory to the homes, which works within one mount only. */
export const stagingCheck: Check = {
  id: 'staging',
  async inspect({ settings: { rootDir } }) {
    const root = realPathOf(rootDir);
    if (root === undefined) return [];
    const mounts = mountPoints().filter((path) => path.startsWith(`${root}/`));
    if (mounts.length === 0) {
      return [ok('The homes and the staging directory are on one file system.')];
    }
    const staging = join(root, STAGING_DIRECTORY);
    if (mounts.includes(staging)) {
      return [
        problem(
          `${staging} is a mount of its own, so that no upload can be moved to its home.`,
          'Unmount it; the staging directory has to be on the file system of --root.',
        ),
      ];
    }
    return [
      warning(
        `Other file systems are mounted below --root, at ${mounts.slice(0, 5).join(', ')}. Uploads to there fail, as they are renamed from ${staging}.`,
        'Mount one file system for all homes at --root.',
      ),
    ];
  },
};

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
