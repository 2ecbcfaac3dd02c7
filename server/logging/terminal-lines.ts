import type { Writable } from 'node:stream';
import { prettyFactory } from 'pino-pretty';

/** A reader that is slower than the server (a stopped terminal) loses lines, not memory. */
const MOST_WAITING_BYTES = 1024 * 1024;

const PLAIN_WORD = /^[^\s"'=\\]+$/;
/** Control characters and those that turn the direction of text: a name from a client must not steer the operator's terminal. */
const CONTROL_CHARACTERS = /\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const SHOWN_ELSEWHERE = new Set(['level', 'time', 'msg', 'err', 'pid']);

/** Turns log lines into text for people: `12:03:01 INFO login user=anna ip=127.0.0.1`. */
export function terminalLines(terminal: NodeJS.WritableStream): { write(line: string): void } {
  const pretty = prettyFactory({
    colorize: isColourful(terminal),
    translateTime: 'SYS:HH:MM:ss',
    hideObject: true,
    ignore: 'pid,hostname',
    messageFormat: (log, messageKey) => `${escaped(String(log[messageKey]))}${fieldsOf(log)}`,
    customPrettifiers: { time: (time) => String(time) },
  });
  return {
    write(line) {
      const { writable, writableLength = 0 } = terminal as Partial<Writable>;
      if (writable !== false && writableLength < MOST_WAITING_BYTES) terminal.write(pretty(line));
    },
  };
}

function isColourful(terminal: NodeJS.WritableStream & { isTTY?: boolean }): boolean {
  return terminal.isTTY === true && !process.env.NO_COLOR;
}

function fieldsOf(log: Record<string, unknown>): string {
  const shown = Object.entries(log).filter(
    ([name, value]) => !SHOWN_ELSEWHERE.has(name) && value !== undefined,
  );
  return shown.map(([name, value]) => ` ${name}=${valueText(value)}`).join('');
}

function valueText(value: unknown): string {
  if (typeof value === 'string' && PLAIN_WORD.test(value)) return escaped(value);
  return escaped(JSON.stringify(value));
}

function escaped(text: string): string {
  return text.replaceAll(
    CONTROL_CHARACTERS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
