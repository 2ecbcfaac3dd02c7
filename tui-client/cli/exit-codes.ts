import type { FailureKind } from '../errors/failure.ts';

/** How a command ended, for scripts. */
export const EXIT_CODES = {
  done: 0,
  failed: 1,
  network: 2,
  login: 3,
  trust: 4,
  path: 5,
  space: 6,
  checksum: 7,
  usage: 64,
  bug: 70,
  interrupted: 130,
} as const;

const CODE_OF_KIND: Readonly<Record<FailureKind, number>> = {
  network: EXIT_CODES.network,
  login: EXIT_CODES.login,
  trust: EXIT_CODES.trust,
  denied: EXIT_CODES.path,
  missing: EXIT_CODES.path,
  space: EXIT_CODES.space,
  checksum: EXIT_CODES.checksum,
  exists: EXIT_CODES.failed,
  local: EXIT_CODES.failed,
  incomplete: EXIT_CODES.failed,
  protocol: EXIT_CODES.failed,
};

/** The exit code of what went wrong: that of the reason if there is but one, else that of "some failed". */
export function exitCodeOf(kinds: readonly FailureKind[]): number {
  const codes = new Set(kinds.map((kind) => CODE_OF_KIND[kind]));
  const [code] = codes;
  if (code === undefined) return EXIT_CODES.done;
  return codes.size === 1 ? code : EXIT_CODES.failed;
}
