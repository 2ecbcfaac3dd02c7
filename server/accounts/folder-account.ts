/** Starts the names of accounts that are charged for shared folders. No username can contain the colon. */
const PREFIX = 'folder:';

/** The account of a folder that has a quota of its own. It cannot log in. */
export function accountNameOf(folder: string): string {
  return `${PREFIX}${folder}`;
}

export function isFolderAccount(username: string): boolean {
  return username.startsWith(PREFIX);
}
