import type { AccountCreation } from '../../db/account-row.ts';

/** Modes and owner of what is created, as an administrator sets them: a mode goes before the umask. */
export type CreationSettings = AccountCreation;

/** What follows from them. Where it is undefined, the system decides: by its umask, for its own user. */
export type CreationRules = Omit<CreationSettings, 'umask'>;

/** User and group of files; without a group, files keep the one that they are created with, as with chown(1). */
export type Owner = NonNullable<CreationSettings['owner']>;

export const NO_RULES: CreationSettings = {
  umask: undefined,
  fileMode: undefined,
  directoryMode: undefined,
  owner: undefined,
};

/** Everything that is set for the account goes before everything that is set for the server. */
export function creationRules(account: CreationSettings, server: CreationSettings): CreationRules {
  const [ofAccount, ofServer] = [modesOf(account), modesOf(server)];
  return {
    fileMode: ofAccount.fileMode ?? ofServer.fileMode,
    directoryMode: ofAccount.directoryMode ?? ofServer.directoryMode,
    owner: account.owner ?? server.owner,
  };
}

/** The modes that follow from a umask. */
export function modesOfUmask(umask: number): { fileMode: number; directoryMode: number } {
  return { fileMode: 0o666 & ~umask, directoryMode: 0o777 & ~umask };
}

function modesOf({ umask, fileMode, directoryMode }: CreationSettings) {
  const masked = umask === undefined ? undefined : modesOfUmask(umask);
  return {
    fileMode: fileMode ?? masked?.fileMode,
    directoryMode: directoryMode ?? masked?.directoryMode,
  };
}
