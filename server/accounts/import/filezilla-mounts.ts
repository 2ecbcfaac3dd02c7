/** A directory of the disk that an account of FileZilla Server sees. */
export interface Mount {
  /** Path that clients see. */
  readonly path: string;
  /** Path on the disk, of Windows or not; may contain placeholders. */
  readonly native: string;
  /** As `parseRights` reads them. */
  readonly rights: string;
}

interface MountedRights {
  readonly rights: Readonly<Record<string, string>> | undefined;
  readonly omitted: readonly string[];
}

const ROOT = '/';

/** Rights by directory of an account whose home is the directory at `/`. Directories from elsewhere are omitted. */
export function rightsOfMounts(mounts: readonly Mount[]): MountedRights {
  const root = mounts.find(({ path, native }) => path === ROOT && native !== '');
  const others = mounts.filter((mount) => mount !== root);
  const isInside = (mount: Mount) =>
    root !== undefined && pathWithin(root.native, mount.native) === mount.path;
  const rules = Object.fromEntries(
    others.filter(isInside).map(({ path, rights }) => [path, rights]),
  );
  const omitted = others
    .filter((mount) => !isInside(mount))
    .map(
      ({ path, native }) =>
        `the directory ${native === '' || native === path ? path : `${path} (${native})`}`,
    );
  if (root === undefined) {
    return {
      rights: { [ROOT]: 'read-only' },
      omitted: ['a home: none is given, so the account can only read', ...omitted],
    };
  }
  const isFull = root.rights === 'full' && Object.keys(rules).length === 0;
  return { rights: isFull ? undefined : { [ROOT]: root.rights, ...rules }, omitted };
}

/** The path of a directory on the disk below another one, such as `/pub`. @returns undefined if it lies elsewhere. */
export function pathWithin(above: string, native: string): string | undefined {
  const [outer, inner] = [comparable(above), comparable(native)];
  const isInside = outer !== '' && inner.startsWith(`${outer}/`);
  return isInside ? plain(native).slice(outer.length) : undefined;
}

/** Windows ignores case. */
function comparable(native: string): string {
  const path = plain(native);
  return /^[a-z]:/i.test(path) ? path.toLowerCase() : path;
}

function plain(native: string): string {
  return native.replaceAll('\\', '/').replace(/\/+$/, '');
}
