import type { Site } from '../sites/site.ts';
import { displayName } from '../text/format.ts';
import { cutEnd } from '../text/text-width.ts';
import type { Finding } from './finding.ts';

const STATE_COLUMNS = 9;
const CHECK_COLUMNS = 12;
const INDENT = ' '.repeat(STATE_COLUMNS + 2 + CHECK_COLUMNS + 2);

const TLS_WORDS = {
  explicit: 'explicit TLS',
  implicit: 'implicit TLS',
  none: 'without TLS',
} as const;

/** The first line of a report. */
export function titleText({ host, port, tls, username }: Site): string {
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return displayName(`${shownHost}:${port}, ${TLS_WORDS[tls]}, as ${username}`);
}

/** A finding as lines of text, the remedy below. */
export function findingText({ state, check, text, remedy }: Finding): string {
  const head = `${state.padEnd(STATE_COLUMNS)}  ${cutEnd(check, CHECK_COLUMNS).padEnd(CHECK_COLUMNS)}  `;
  const first = `${head}${displayName(text)}`;
  return remedy === undefined ? first : `${first}\n${INDENT}${displayName(remedy)}`;
}

/** A finding for programs. */
export function findingJson({ check, state, text, remedy, kind, facts }: Finding) {
  return { type: 'check', check, state, text, remedy, kind, ...facts };
}

/** How many findings there are of each kind. */
export interface Counts {
  readonly ok: number;
  readonly warnings: number;
  readonly problems: number;
  readonly unchecked: number;
}

export function countFindings(findings: readonly Finding[]): Counts {
  const count = (state: Finding['state']) => findings.filter((one) => one.state === state).length;
  return {
    ok: count('ok'),
    warnings: count('warning'),
    problems: count('problem'),
    unchecked: count('unchecked'),
  };
}

/** As `9 ok, 1 warning, 0 problems, 2 unchecked.` */
export function summaryText({ ok, warnings, problems, unchecked }: Counts): string {
  const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  return `${ok} ok, ${counted(warnings, 'warning')}, ${counted(problems, 'problem')}, ${unchecked} unchecked.`;
}
