import { defaultAclOf } from '../system/posix-acl.ts';
import type { HeldDirectory } from './jail.ts';

const known = new WeakMap<HeldDirectory, { readonly acl: Buffer | undefined }>();

/** The ACL that a held directory gave to new files when it was first asked; undefined without one. */
export function defaultAcl(directory: HeldDirectory): Buffer | undefined {
  const found = known.get(directory) ?? { acl: defaultAclOf(directory.entryPrefix) };
  known.set(directory, found);
  return found.acl;
}
