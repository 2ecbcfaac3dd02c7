/** The directory of the root in which deleted files are kept, one below it per account. */
export const TRASH_DIRECTORY = '.myftp-trash';
