/** The directory of the root in which uploads lie until they are published, one below it per account. */
export const STAGING_DIRECTORY = '.myftp-staging';
