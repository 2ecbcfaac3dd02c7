import { getSystemErrorMap } from 'node:util';

const ACCESS = 'system.posix_acl_access';
const DEFAULT = 'system.posix_acl_default';

/** Largest extended attribute that Linux has. */
const MAX_BYTES = 65_536;

/** Errors of file systems that store no ACLs, and of ids that a user namespace does not have. */
const IMPOSSIBLE: ReadonlySet<string> = new Set(['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP']);

// An ACL as the system stores it: a header, then entries of tag, rights and id, all in little endian.
const HEADER_BYTES = 4;
const ENTRY_BYTES = 8;
const OWNER = 0x01;
const GROUP = 0x04;
const MASK = 0x10;
const OTHERS = 0x20;

interface AttributeCalls {
  get(path: string, name: string, value: Buffer, bytes: number): number | bigint;
  set(descriptor: number, name: string, value: Buffer, bytes: number, flags: number): number;
  errno(): number;
}

const calls = await loadCalls();

/** Filled and copied before anything else can run. */
const space = Buffer.alloc(MAX_BYTES);

/** The ACL that a directory gives to what is created in it; undefined without one, or if koffi cannot be used. */
export function defaultAclOf(directory: string): Buffer | undefined {
  return read(`${directory}/.`, DEFAULT);
}

/** The ACL of a file, if it says more than its mode. A symbolic link is not followed. */
export function accessAclOf(path: string): Buffer | undefined {
  return read(path, ACCESS);
}

/** Sets the ACL of an open file or directory, and thereby its mode, if its file system stores ACLs. */
export function setAccessAcl(descriptor: number, acl: Buffer): void {
  write(descriptor, ACCESS, acl);
}

/** Sets the ACL that an open directory gives to what is created in it, if its file system stores ACLs. */
export function setDefaultAcl(descriptor: number, acl: Buffer): void {
  write(descriptor, DEFAULT, acl);
}

/**
 * The ACL of something new in a directory with a default ACL, as the system computes it: the mode that it is created with
 * limits owner, mask and others. The umask does not count.
 *
 * @param ownerRights are given to the owner in any case.
 */
export function inheritedAcl(
  defaultAcl: Buffer,
  { mode, ownerRights = 0 }: { readonly mode: number; readonly ownerRights?: number },
): Buffer {
  const acl = Buffer.from(defaultAcl);
  const offsets: number[] = [];
  for (let at = HEADER_BYTES; at < acl.length; at += ENTRY_BYTES) offsets.push(at);
  const hasMask = offsets.some((at) => acl.readUInt16LE(at) === MASK);
  const limits: Readonly<Record<number, number>> = {
    [OWNER]: mode >> 6,
    [hasMask ? MASK : GROUP]: mode >> 3,
    [OTHERS]: mode,
  };
  for (const at of offsets) {
    const tag = acl.readUInt16LE(at);
    const rights = acl.readUInt16LE(at + 2) & (limits[tag] ?? 7) & 7;
    acl.writeUInt16LE(tag === OWNER ? rights | ownerRights : rights, at + 2);
  }
  return acl;
}

/** Node has no call for extended attributes. @returns undefined if koffi has no binary for this machine. */
async function loadCalls(): Promise<AttributeCalls | undefined> {
  try {
    const { default: koffi } = await import('koffi');
    const libc = koffi.load(null);
    return {
      get: libc.func('long lgetxattr(const char *, const char *, _Out_ void *, size_t)'),
      set: libc.func('int fsetxattr(int, const char *, const void *, size_t, int)'),
      errno: () => koffi.errno(),
    };
  } catch {
    return undefined;
  }
}

/** A file system that fails here has no ACLs for all that can be done. */
function read(path: string, name: string): Buffer | undefined {
  if (calls === undefined) return undefined;
  const bytes = Number(calls.get(path, name, space, space.length));
  return bytes < 0 ? undefined : Buffer.from(space.subarray(0, bytes));
}

function write(descriptor: number, name: string, acl: Buffer): void {
  if (calls === undefined || calls.set(descriptor, name, acl, acl.length, 0) === 0) return;
  const errno = calls.errno();
  const code = getSystemErrorMap().get(-errno)?.[0] ?? `error ${errno}`;
  if (!IMPOSSIBLE.has(code)) throw Object.assign(new Error(`${code}: fsetxattr`), { code });
}
