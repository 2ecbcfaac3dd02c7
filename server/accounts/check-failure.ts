/** Why the system that keeps a password has not decided on a login; for the administrator, never for the client. */
export class CheckFailure extends Error {}
