/** A transfer that is not aborted, for uploads without a data connection. */
export const ENDLESS_TRANSFER = { throwIfAborted() {}, onAbort() {} };
