/** A group that does not exist, or cannot be added or removed; the message is a sentence for the administrator. */
export class GroupError extends Error {}
