/** The oldest release of Node that works. `engines` in package.json names the same one. */
const OLDEST = '22.18';

/**
 * Checks the release of Node that runs this program.
 *
 * @returns a sentence that says what is needed, or undefined if the release is supported.
 */
export function nodeProblem(version: string): string | undefined {
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST.split('.').map(Number);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `Node.js ${OLDEST} or later is required, and this is ${version}; install a current release from https://nodejs.org or the self-contained package of MyFTP.`;
}
