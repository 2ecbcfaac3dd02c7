/** A text that is not in the form in which a setting is written; the message is a sentence for the user. */
export class WrongFormError extends Error {}
