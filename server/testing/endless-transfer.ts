/** A transfer that nobody aborts, for uploads without a data connection. */
export const ENDLESS_TRANSFER = { throwIfAborted() {}, onAbort() {} };
