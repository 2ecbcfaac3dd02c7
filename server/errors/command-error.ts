/** A command that could not do its work; the message is a sentence for the user; exit code 1. */
export class CommandError extends Error {}
