import type { Finding, Level } from '../doctor/finding.ts';
import { readVersion } from '../version.ts';

const WORDS: Readonly<Record<Level, string>> = {
  ok: 'ok',
  warning: 'WARNING',
  problem: 'PROBLEM',
};

const MIN_TEXT_COLUMNS = 40;

/** The findings as one JSON object. */
export function findingsJson(findings: readonly Finding[]): string {
  const report = { version: readVersion(), level: worstOf(findings), findings };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** The findings as a table, wrapped to a terminal's width, with a summary as its last line. */
export function findingsText(findings: readonly Finding[], columns = 0): string {
  const idColumns = Math.max(...findings.map(({ id }) => id.length));
  const indent = ' '.repeat('PROBLEM'.length + 2 + idColumns + 2);
  const room = columns === 0 ? Number.POSITIVE_INFINITY : columns - indent.length;
  const rows = findings.flatMap(({ id, level, text, remedy }) => {
    const head = `${WORDS[level].padEnd('PROBLEM'.length)}  ${id.padEnd(idColumns)}  `;
    const lines = [text, ...(remedy === undefined ? [] : [`To do: ${remedy}`])];
    const wrapped = lines.flatMap((line) => wrap(line, Math.max(room, MIN_TEXT_COLUMNS)));
    return wrapped.map((line, at) => `${at === 0 ? head : indent}${line}`);
  });
  return `${[...rows, '', summary(findings)].join('\n')}\n`;
}

function worstOf(findings: readonly Finding[]): Level {
  const levels = findings.map(({ level }) => level);
  return (['problem', 'warning'] as const).find((level) => levels.includes(level)) ?? 'ok';
}

function summary(findings: readonly Finding[]): string {
  const [problems, warnings] = (['problem', 'warning'] as const).map((wanted) =>
    counted(findings.filter(({ level }) => level === wanted).length, wanted),
  );
  return `${problems}, ${warnings}.`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
