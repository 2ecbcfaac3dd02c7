/** Shorter secrets would blot out ordinary text. */
const SHORTEST_SECRET = 4;

const HIDDEN = '****';

/** Called with each line and the number of its connection. */
export type LogListener = (line: string, connection: number) => void;

/** Reports the lines of a control connection without secrets. */
export class RedactedLog {
  readonly #tell: ((line: string) => void) | undefined;
  readonly #listener: LogListener | undefined;
  readonly #secrets: Set<string>;
  #connections = 0;

  constructor(listener?: LogListener, secrets = new Set<string>(), connection = 0) {
    this.#listener = listener;
    this.#tell = listener && ((line) => listener(line, connection));
    this.#secrets = secrets;
  }

  /** The log of the next connection, numbered from 1. What is hidden in one is hidden in all. */
  nextConnection(): RedactedLog {
    this.#connections += 1;
    return new RedactedLog(this.#listener, this.#secrets, this.#connections);
  }

  /** From now on this text is hidden wherever it turns up. */
  hide(secret: string): void {
    if (secret.length >= SHORTEST_SECRET) this.#secrets.add(secret);
  }

  sent(command: string): void {
    this.#tell?.(`> ${this.redact(hideArguments(command))}`);
  }

  received(text: string): void {
    for (const line of text.split('\n')) this.#tell?.(`< ${this.redact(line)}`);
  }

  note(text: string): void {
    this.#tell?.(`  ${this.redact(text)}`);
  }

  redact(text: string): string {
    let redacted = text;
    for (const secret of this.#secrets) redacted = redacted.replaceAll(secret, HIDDEN);
    return redacted;
  }
}

/** Passwords, accounts and invites. */
function hideArguments(command: string): string {
  return command
    .replace(/^((?:PASS|ACCT)\b).+$/i, `$1 ${HIDDEN}`)
    .replace(/^(SITE\s+SIGNUP\s+\S+\s+).+$/i, `$1${HIDDEN}`)
    .replace(/^(SITE\s+(?:PASSWD|PSWD|PASSWORD)\b).+$/i, `$1 ${HIDDEN}`);
}
