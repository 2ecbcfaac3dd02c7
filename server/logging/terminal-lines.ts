import type { Writable } from 'node:stream';
import { prettyFactory } from 'pino-pretty';
import { printable } from './printable.ts';

/** A reader that is slower than the server (a stopped terminal) loses lines, not memory. */
const MAX_WAITING_BYTES = 1024 * 1024;

const PLAIN_WORD = /^[^\s"'=\\]+$/;
const SHOWN_ELSEWHERE = new Set(['level', 'time', 'msg', 'err', 'pid']);

/** Turns log lines into text for people: `12:03:01 INFO login user=anna ip=127.0.0.1`. */
export function terminalLines(terminal: NodeJS.WritableStream): { write(line: string): void } {
  const pretty = prettyFactory({
    colorize: isColourful(terminal),
    translateTime: 'SYS:HH:MM:ss',
    hideObject: true,
    ignore: 'pid,hostname',
    messageFormat: (log, messageKey) => `${printable(String(log[messageKey]))}${fieldsOf(log)}`,
    customPrettifiers: { time: (time) => String(time) },
  });
  return {
    write(line) {
      const { writable, writableLength = 0 } = terminal as Partial<Writable>;
      if (writable !== false && writableLength < MAX_WAITING_BYTES) terminal.write(pretty(line));
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
  if (typeof value === 'string' && PLAIN_WORD.test(value)) return printable(value);
  return printable(JSON.stringify(value));
}
