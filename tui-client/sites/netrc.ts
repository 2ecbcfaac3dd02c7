import { open } from 'node:fs/promises';

/** Mode bits that let other users read a file. */
const OTHERS_MAY_READ = 0o077;

export interface NetrcLogin {
  readonly login?: string;
  readonly password?: string;
}

interface NetrcQuery {
  readonly host: string;
  /** Undefined for the first login at the host. */
  readonly username: string | undefined;
  /** Called with the reason if the file is ignored. */
  readonly warn: (sentence: string) => void;
}

/**
 * Looks a login up in a `.netrc`. A file that others can read is ignored, with a warning; one that is not
 * there, silently.
 */
export async function findInNetrc(
  path: string,
  { host, username, warn }: NetrcQuery,
): Promise<NetrcLogin | undefined> {
  const text = await readSafely(path, warn);
  return text === undefined ? undefined : findLogin(text, host, username);
}

async function readSafely(path: string, warn: NetrcQuery['warn']): Promise<string | undefined> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { mode, uid } = await file.stat();
    if ((mode & OTHERS_MAY_READ) !== 0) {
      warn(`Ignoring ${path}: other users can read it. Run: chmod 600 ${path}`);
      return undefined;
    }
    if (uid !== process.getuid?.()) {
      warn(`Ignoring ${path}: it belongs to another user.`);
      return undefined;
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

interface Machine extends NetrcLogin {
  /** Undefined for `default`, which fits every host. */
  readonly host: string | undefined;
}

/** The first login for the host, and for the user if one is given. */
export function findLogin(
  text: string,
  host: string,
  username: string | undefined,
): NetrcLogin | undefined {
  const found = parseNetrc(text).find(
    (machine) =>
      (machine.host === undefined || machine.host.toLowerCase() === host.toLowerCase()) &&
      (username === undefined || machine.login === undefined || machine.login === username),
  );
  if (found === undefined) return undefined;
  const { host: _, ...login } = found;
  return login;
}

function parseNetrc(text: string): readonly Machine[] {
  const machines: { host: string | undefined; login?: string; password?: string }[] = [];
  const words = wordsOf(text);
  while (words.length > 0) {
    const word = words.shift();
    if (word === 'default') machines.push({ host: undefined });
    else if (word === 'machine') machines.push({ host: words.shift() ?? '' });
    else if (word === 'account') words.shift();
    else if (word === 'login' || word === 'password') {
      const value = words.shift() ?? '';
      const machine = machines.at(-1);
      if (machine !== undefined) machine[word] = value;
    }
  }
  return machines;
}

const COMMENT_LINES = /^[^\S\n]*#.*$/gm;
/** A macro ends with an empty line. */
const MACROS = /^[^\S\n]*macdef.*(?:\n.+)*/gm;

function wordsOf(text: string): string[] {
  const plain = text.replaceAll('\r\n', '\n').replaceAll(MACROS, '').replaceAll(COMMENT_LINES, '');
  return [...plain.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(
    ([word, quoted]) => quoted?.replaceAll(/\\(.)/g, '$1') ?? word,
  );
}
