import { type ReactElement, useMemo } from 'react';
import { bytesInWords, duration, groupedNumber, rate, shortBytes } from '../text/format.ts';
import type { Job } from '../transfers/queue/job.ts';
import { Painted } from './painted.tsx';
import { paintRow, type Span } from './spans.ts';
import type { Theme } from './theme.ts';
import { stripRow, waitingRow } from './transfer-row.ts';

export interface StripTotals {
  readonly running: number;
  readonly waiting: number;
  readonly paused: number;
  readonly failed: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Some sizes, or what directories hold, are not known yet. */
  readonly isAtLeast: boolean;
  readonly bytesPerSecond: number;
  /** Undefined while it is not known. */
  readonly secondsLeft: number | undefined;
}

export interface TransferStripProps {
  readonly theme: Theme;
  readonly width: number;
  readonly totals: StripTotals;
  /** Those that run, as many as shall be shown. */
  readonly jobs: readonly { readonly job: Job; readonly bytesPerSecond: number }[];
  /** A job that waits to be tried again, if there is a row for it. */
  readonly nextTry?: { readonly job: Job; readonly inSeconds: number } | undefined;
}

/** Below the panes while something is on its way: totals, and a row for each running transfer. */
export function TransferStrip(props: TransferStripProps): ReactElement {
  const rows = useMemo(() => stripRows(props), [props]);
  return <Painted rows={rows} width={props.width} />;
}

function stripRows(props: TransferStripProps): readonly string[] {
  const { theme, width, totals, jobs, nextTry } = props;
  return [
    paintRow(theme, [' ', ...totalsSpans(theme, totals)], { width }),
    ...jobs.map(({ job, bytesPerSecond }) => stripRow({ theme, width, job, bytesPerSecond })),
    ...(nextTry === undefined ? [] : [waitingRow(theme, width, nextTry)]),
  ];
}

const GAP = '    ';

/** As `2 running, 41 waiting, 1 failed    38 MB/s    1.2 of ≥4.6 G    1:32 left`. */
export function totalsSpans(theme: Theme, totals: StripTotals): readonly Span[] {
  const words = (['running', 'waiting', 'paused', 'failed'] as const).flatMap((state): Span[] => {
    const count = totals[state];
    if (count === 0) return [];
    const text = `${groupedNumber(count)} ${state}`;
    return [state === 'failed' ? ['bad', text] : text];
  });
  const states = words.flatMap((span, index): Span[] => (index === 0 ? [span] : [', ', span]));
  const atLeast = totals.isAtLeast ? theme.signs.atLeast : '';
  const facts = [
    totals.bytesPerSecond > 0 ? rate(totals.bytesPerSecond) : '',
    totals.totalBytes > 0
      ? `${shortBytes(totals.doneBytes)} of ${atLeast}${bytesInWords(totals.totalBytes)}`
      : '',
    totals.secondsLeft === undefined ? '' : `${duration(totals.secondsLeft * 1000)} left`,
  ];
  const told = facts.filter(Boolean);
  return [...states, states.length > 0 && told.length > 0 ? GAP : '', told.join(GAP)];
}
