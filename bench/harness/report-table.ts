import { REFERENCE, SUBJECT } from '../peers/all-servers.ts';
import { formatNumber } from './format.ts';
import type { Column, Scenario } from './question.ts';
import { medians, type Outcome, type ScenarioReport } from './run-question.ts';

/**
 * The table of one scenario as text: medians, the spread of the first column, and how it compares.
 *
 * A ratio above 1 is better than the peer, whether more or less of the unit is better.
 */
export function reportTable({ scenario, outcomes }: ScenarioReport): string {
  const first = (name: string) => firstMedian(outcomes.get(name));
  const best = bestPeer(scenario, outcomes);
  const bestValue = best === undefined ? undefined : first(best);
  const header = [
    'server',
    ...titles(scenario.columns),
    best === undefined ? 'vs best peer' : `vs best peer (${best})`,
    `vs ${REFERENCE}`,
  ];
  const rows = [...outcomes].map(([name, outcome]) => [
    name,
    ...outcomeCells(scenario, outcome),
    ...[bestValue, first(REFERENCE)].map((other) => ratioCell(scenario, first(name), other)),
  ]);
  const goal = `${scenario.better} is better`;
  return [`${scenario.title} (${goal})`, ...alignColumns([header, ...rows])].join('\n');
}

/** Why servers have no figures, a line each. */
export function reportFailures({ outcomes }: ScenarioReport): string[] {
  return [...outcomes].flatMap(([name, outcome]) =>
    outcome.kind === 'failed' ? [`  ${name} failed: ${outcome.message}`] : [],
  );
}

/** How `value` compares to `other`: above 1 is better. */
export function ratio(better: Scenario['better'], value: number, other: number): number {
  return better === 'more' ? value / other : other / value;
}

function bestPeer(
  { better }: Scenario,
  outcomes: ReadonlyMap<string, Outcome>,
): string | undefined {
  let best: { name: string; value: number } | undefined;
  for (const [name, outcome] of outcomes) {
    const value = firstMedian(outcome);
    if (name === SUBJECT || value === undefined) continue;
    if (best === undefined || ratio(better, value, best.value) > 1) best = { name, value };
  }
  return best?.name;
}

function firstMedian(outcome: Outcome | undefined): number | undefined {
  return outcome?.kind === 'measured' ? medians(outcome.rounds)[0] : undefined;
}

function titles([first, ...others]: Scenario['columns']): string[] {
  return [first.title, 'range', ...others.map(({ title }) => title)];
}

function outcomeCells({ columns }: Scenario, outcome: Outcome): string[] {
  if (outcome.kind === 'not supported') return ['not supported', ...blanks(columns.length)];
  if (outcome.kind === 'failed') return ['failed, see below', ...blanks(columns.length)];
  const values = medians(outcome.rounds).map((value, index) => cell(columns[index], value));
  const [firstValue = '', ...others] = values;
  return [firstValue, range(columns[0], outcome.rounds), ...others];
}

function range(column: Column, rounds: readonly (readonly number[])[]): string {
  if (rounds.length === 1) return 'one round';
  const values = rounds.map(([value = Number.NaN]) => value);
  return `${cell(column, Math.min(...values))} to ${cell(column, Math.max(...values))}`;
}

function cell(column: Column | undefined, value: number): string {
  return formatNumber(value, column?.fractionDigits ?? 0);
}

function ratioCell(
  { better }: Scenario,
  value: number | undefined,
  other: number | undefined,
): string {
  if (value === undefined || other === undefined) return '';
  return formatNumber(ratio(better, value, other), 2);
}

function blanks(count: number): string[] {
  return Array.from({ length: count }, () => '');
}

/** Names to the left, figures to the right. */
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) => {
    const cells = row.map((text, column) =>
      column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
    );
    return `  ${cells.join('  ')}`.trimEnd();
  });
}
