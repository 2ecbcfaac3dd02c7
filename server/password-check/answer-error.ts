/** Why an answer of the password check cannot be used. */
export class AnswerError extends Error {
  constructor(reason: string) {
    super(`answer not understood: ${reason}`);
  }
}
