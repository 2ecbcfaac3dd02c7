import { type ReactElement, useMemo } from 'react';
import { byteRateText } from '../byte-rate.ts';
import { frameRows, insideFrame } from '../components/frame.ts';
import { Painted } from '../components/painted.tsx';
import { paintRow } from '../components/spans.ts';
import { queueRow } from '../components/transfer-row.ts';
import { totalsSpans } from '../components/transfer-strip.tsx';
import { rate } from '../format.ts';
import { type QueueView, secondsLeft } from '../state/queue-view.ts';
import type { Theme } from '../theme.ts';

interface QueueProps {
  readonly theme: Theme;
  readonly queue: QueueView;
  readonly width: number;
  readonly height: number;
}

/** All transfers, those that are done and those that failed too. */
export function QueueScreen({ theme, queue, width, height }: QueueProps): ReactElement {
  const rows = useMemo(() => {
    const inside = insideFrame(width);
    const count = Math.max(0, height - 2);
    const shown = queue.jobs.slice(queue.top, queue.top + count);
    const body = Array.from({ length: count }, (_, index) => {
      const job = shown[index];
      if (job === undefined) {
        const text = queue.jobs.length === 0 && index === 0 ? '  Nothing is on its way.' : '';
        return paintRow(theme, [['dim', text]], { width: inside });
      }
      const cursor = queue.top + index === queue.cursor ? 'here' : 'elsewhere';
      return queueRow({
        theme,
        width: inside,
        cursor,
        job,
        bytesPerSecond: queue.rates.get(job.id) ?? 0,
      });
    });
    const shape = {
      width,
      border: 'borderActive' as const,
      title: titleOf(queue),
      titleRole: 'title' as const,
      note: noteOf(queue),
      bottom: totalsSpans(theme, { ...queue.totals, secondsLeft: secondsLeft(queue.totals) }),
    };
    return frameRows(theme, shape, body);
  }, [theme, queue, width, height]);
  return <Painted rows={rows} width={width} />;
}

function noteOf({ workers, limitBytesPerSecond }: QueueView): string {
  const atOnce = `${workers} at once`;
  if (limitBytesPerSecond === undefined) return atOnce;
  return `at most ${byteRateText(limitBytesPerSecond)}/s, ${atOnce}`;
}

function titleOf({ totals, isPaused }: QueueView): string {
  if (isPaused) return 'Transfers   all paused';
  const { running, bytesPerSecond } = totals;
  return running === 0 ? 'Transfers' : `Transfers   ${running} running   ${rate(bytesPerSecond)}`;
}
