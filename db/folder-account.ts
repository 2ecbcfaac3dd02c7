/** Starts the names of accounts that are charged for shared folders. No username can contain the colon. */
export const FOLDER_ACCOUNT_PREFIX = 'folder:';

/** The account of a folder that has a quota of its own. It cannot log in. */
export function accountNameOf(folder: string): string {
  return `${FOLDER_ACCOUNT_PREFIX}${folder}`;
}

export function isFolderAccount(username: string): boolean {
  return username.startsWith(FOLDER_ACCOUNT_PREFIX);
}
