/** A shared folder that cannot be added, shared or removed; the message is a sentence for the administrator. */
export class FolderError extends Error {}
