import { execFileSync } from 'node:child_process';

// Asks the system's own programs: Node looks up the current user only, and /etc/passwd is not all there is.

/** Number of a user by name or number; undefined if there is none. A number needs no entry, as in containers. */
export function userIdOf(user: string): number | undefined {
  return numberIn(user) ?? numberIn(outputOf(['id', '-u', user]));
}

/** The same for a group. */
export function groupIdOf(group: string): number | undefined {
  return numberIn(group) ?? numberIn(outputOf(['getent', 'group', group])?.split(':')[2]);
}

/** Number of the user's own group; undefined if the system does not know the user. */
export function primaryGroupOf(user: string): number | undefined {
  return numberIn(outputOf(['id', '-g', user]));
}

export function isKnownUser(user: string): boolean {
  return outputOf(['id', '-u', user]) !== undefined;
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

function outputOf([program, ...args]: readonly [string, ...string[]]): string | undefined {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}
