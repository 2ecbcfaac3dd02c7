import { closeSync, lstatSync, openSync } from 'node:fs';
import { endianness } from 'node:os';
import { type ByteName, isAscii } from './byte-name.ts';
import { type FileFacts, kindOf } from './file-facts.ts';
import { O_PATH } from './node-internals.ts';

const AT_SYMLINK_NOFOLLOW = 0x100;
const STATX_BASIC_STATS = 0x7ff;

/** Offsets in `struct statx`, which is the same on all machines except for the byte order. */
const STRUCT_BYTES = 256;
const IS_LITTLE_ENDIAN = endianness() === 'LE';

/** Asks for the facts of an entry of an open directory; undefined if there is no such entry. */
export type AskEntryFacts = (directory: number, name: ByteName) => FileFacts | undefined;

/** One per thread: it is read before anybody else can ask. */
const struct = new DataView(new ArrayBuffer(STRUCT_BYTES));
const structOctets = new Uint8Array(struct.buffer);

/**
 * Facts by statx(2) of the C library that the process runs on; a symbolic link is not followed.
 *
 * `fs.lstat` needs a path, which may lead elsewhere a moment later and takes the system longer, and makes
 * an object with four dates for each entry: nearly half of the time that a large listing took.
 *
 * @throws if koffi has no binary for this machine, or if the system does not let the process call statx.
 */
export async function loadStatx(): Promise<AskEntryFacts> {
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  const statxText = libc.func('int statx(int, const char *, int, unsigned int, _Out_ void *)');
  const statxOctets = libc.func('int statx(int, const void *, int, unsigned int, _Out_ void *)');
  const ask: AskEntryFacts = (directory, name) => {
    const failed = isAscii(name)
      ? statxText(directory, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, structOctets)
      : statxOctets(
          directory,
          Buffer.from(`${name}\0`, 'latin1'),
          AT_SYMLINK_NOFOLLOW,
          STATX_BASIC_STATS,
          structOctets,
        );
    return failed === 0 ? factsIn(name) : undefined;
  };
  requireWorking(ask);
  return ask;
}

/** A container may refuse statx, and then every directory would look empty. */
function requireWorking(ask: AskEntryFacts): void {
  const root = openSync('/', O_PATH);
  try {
    const answer = ask(root, 'proc');
    const known = lstatSync('/proc');
    if (answer?.inode !== known.ino || answer.device !== known.dev || answer.mode !== known.mode) {
      throw new Error('statx does not give the facts that lstat gives');
    }
  } finally {
    closeSync(root);
  }
}

/** Offsets as in `linux/stat.h`. */
function factsIn(name: ByteName): FileFacts {
  const mode = struct.getUint16(28, IS_LITTLE_ENDIAN);
  return {
    name,
    kind: kindOf(mode),
    sizeBytes: wide(40),
    modifiedMs: seconds(112) * 1000 + word(120) / 1e6,
    mode,
    nlink: word(16),
    uid: word(20),
    gid: word(24),
    device: deviceNumber(word(136), word(140)),
    inode: wide(32),
  };
}

function word(offset: number): number {
  return struct.getUint32(offset, IS_LITTLE_ENDIAN);
}

/** 64 bits; above 2^53 the last ones are lost, as in Node's `Stats`. */
function wide(offset: number): number {
  const high = word(IS_LITTLE_ENDIAN ? offset + 4 : offset);
  return high * 2 ** 32 + word(IS_LITTLE_ENDIAN ? offset : offset + 4);
}

function seconds(offset: number): number {
  const high = struct.getInt32(IS_LITTLE_ENDIAN ? offset + 4 : offset, IS_LITTLE_ENDIAN);
  return high * 2 ** 32 + word(IS_LITTLE_ENDIAN ? offset : offset + 4);
}

/** Combines device numbers as makedev(3) does. */
function deviceNumber(major: number, minor: number): number {
  const high = Math.floor(major / 2 ** 12) * 2 ** 44 + Math.floor(minor / 2 ** 8) * 2 ** 20;
  return high + (major % 2 ** 12) * 2 ** 8 + (minor % 2 ** 8);
}
