import type { LogListener } from './redacted-log.ts';

/** What goes over control connections, as lines with the time and the number of the connection. */
export class ConversationLog {
  readonly #write: (line: string) => void;
  #connections = 0;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** For one login with all its connections. No other login's connection gets the number of one of these. */
  listener(): LogListener {
    const numbers = new Map<number, number>();
    return (line, connection) => {
      const number = numbers.get(connection) ?? this.#nextNumber();
      numbers.set(connection, number);
      this.#write(`${clockTime(new Date())} ${number} ${line}`);
    };
  }

  #nextNumber(): number {
    this.#connections += 1;
    return this.#connections;
  }
}

/** As `14:11:09.042`, in local time. */
function clockTime(date: Date): string {
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
