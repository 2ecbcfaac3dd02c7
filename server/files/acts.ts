import type { Right } from '../rights/rights.ts';

/** What a client does with a path. `show` tells facts of the entry, `enter` makes it the working directory. */
export type Act =
  | 'enter'
  | 'show'
  | 'list'
  | 'read'
  | 'create'
  | 'delete'
  | 'rename'
  | 'mkdir'
  | 'rmdir'
  | 'chmod'
  | 'mfmt';

interface Need {
  readonly right: Right;
  /** Whose rights count: those of the directory that holds the name, of the directory itself, or of both. */
  readonly of: 'holder' | 'itself' | 'both';
}

/** The right that each act needs. This table alone decides, together with {@link UploadPolicy} for uploads. */
export const NEEDS: Readonly<Record<Exclude<Act, 'enter'>, Need>> = {
  show: { right: 'list', of: 'holder' },
  list: { right: 'list', of: 'itself' },
  read: { right: 'read', of: 'holder' },
  create: { right: 'write', of: 'holder' },
  delete: { right: 'delete', of: 'holder' },
  rename: { right: 'rename', of: 'holder' },
  mkdir: { right: 'mkdir', of: 'holder' },
  rmdir: { right: 'rmdir', of: 'both' },
  chmod: { right: 'chmod', of: 'both' },
  mfmt: { right: 'mfmt', of: 'both' },
};

export const REFUSALS: Readonly<Record<Right, string>> = {
  list: 'You may not list files here.',
  read: 'You may not read files here.',
  write: 'You may not upload files here.',
  overwrite: 'You may not overwrite files here.',
  append: 'You may not append to files here.',
  delete: 'You may not delete files here.',
  rename: 'You may not rename files here.',
  mkdir: 'You may not create directories here.',
  rmdir: 'You may not remove directories here.',
  chmod: 'You may not change permissions here.',
  mfmt: 'You may not change modification times here.',
};
