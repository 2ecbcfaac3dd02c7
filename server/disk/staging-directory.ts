/**
 * The directory in which uploads lie until they are published: in the root, with a directory for each account, and in each
 * home that is elsewhere. Clients never see a name like this, at any depth.
 */
export const STAGING_DIRECTORY = '.myftp-staging';

/** Whether a path leads to a staging directory or into one. */
export function hasStagingDirectory(path: string): boolean {
  return path.includes(STAGING_DIRECTORY) && path.split('/').includes(STAGING_DIRECTORY);
}
