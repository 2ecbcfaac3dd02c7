import type { HeldDirectories } from '../disk/held-directories.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import type { ListingRequest } from '../listing/listing-request.ts';
import type { Access } from './access.ts';
import type { VisibleFiles } from './visible-files.ts';

/** A directory, open for being listed; `close` must be called once. */
export interface ListableDirectory {
  readonly path: VirtualPath;
  readonly diskPath: string;
  /** What the client sees of it. */
  readonly contents: Pick<
    ListingRequest,
    'descriptor' | 'rootPath' | 'partials' | 'rights' | 'folders'
  >;
  close(): void;
}

interface Parts {
  readonly access: Access;
  readonly directories: HeldDirectories;
  readonly visible: VisibleFiles;
  readonly rootPath: string;
}

/** Opens a directory for being listed, if the session may list it wherever it lies by then. */
export async function openListable(
  path: VirtualPath,
  { access, directories, visible, rootPath }: Parts,
): Promise<ListableDirectory> {
  access.require('list', path);
  const { held, place = path, release } = await directories.hold(path);
  try {
    access.placeCheck('list', path)?.(place);
    const partials = await visible.partialsIn(held);
    const { descriptor, diskPath } = held;
    const rights = { place, rules: access.rules.rules };
    return {
      path,
      diskPath,
      contents: { descriptor, rootPath, partials, rights },
      close: release,
    };
  } catch (error) {
    release();
    throw error;
  }
}
