import type { UserFileSystem } from './user-file-system.ts';

/** The files of a session: those of one account, or with shared folders among them. */
export type SessionFiles = Pick<UserFileSystem, keyof UserFileSystem>;
