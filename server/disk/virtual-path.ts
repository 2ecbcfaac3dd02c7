import { ArgumentError } from '../errors/errors.ts';

/** An absolute, normalised pathname in the client's tree, such as `/photos/may` (TVFS, RFC 3659 §6). */
export type VirtualPath = string & { readonly virtualPath: unique symbol };

export const ROOT = '/' as VirtualPath;

/**
 * Resolves a pathname against a working directory. `..` stops at the root; empty components, `.` and a trailing slash
 * are ignored.
 *
 * @throws ArgumentError for a name with CR, LF or NUL, which no reply or listing could carry.
 */
export function resolvePathname(workingDirectory: VirtualPath, pathname: string): VirtualPath {
  if (/[\r\n\0]/.test(pathname)) throw new ArgumentError('A name cannot contain CR, LF or NUL.');
  const absolute = pathname.startsWith('/') ? pathname : `${workingDirectory}/${pathname}`;
  const components: string[] = [];
  for (const component of absolute.split('/')) {
    if (component === '..') components.pop();
    else if (component !== '' && component !== '.') components.push(component);
  }
  return `/${components.join('/')}` as VirtualPath;
}

/** The directory that holds `path`; the root holds itself. */
export function parentOf(path: VirtualPath): VirtualPath {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? ROOT : (path.slice(0, slash) as VirtualPath);
}

/** The last component of `path`; empty for the root. */
export function nameOf(path: VirtualPath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The path of a name in a directory. */
export function pathIn(directory: VirtualPath, name: string): VirtualPath {
  return (directory === ROOT ? `/${name}` : `${directory}/${name}`) as VirtualPath;
}

/** Whether `path` is `ancestor` or lies below it. */
export function isWithin(ancestor: VirtualPath, path: VirtualPath): boolean {
  return ancestor === ROOT || path === ancestor || path.startsWith(`${ancestor}/`);
}
