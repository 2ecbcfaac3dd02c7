import { type ReactElement, useMemo } from 'react';
import { frameRows, insideFrame } from '../components/frame.ts';
import { Painted } from '../components/painted.tsx';
import { paintRow } from '../components/spans.ts';
import type { Role, Theme } from '../components/theme.ts';
import { type LogLines, shownLines } from '../state/log-lines.ts';
import { displayName, groupedNumber } from '../text/format.ts';

interface LogProps {
  readonly theme: Theme;
  readonly log: LogLines;
  readonly width: number;
  readonly height: number;
}

/** What was said between client and server. */
export function LogScreen({ theme, log, width, height }: LogProps): ReactElement {
  const rows = useMemo(() => {
    const inside = insideFrame(width);
    const count = Math.max(0, height - 2);
    const lines = shownLines(log);
    const body = Array.from({ length: count }, (_, index) => {
      const line = displayName(lines[index] ?? '');
      return paintRow(theme, [[roleOf(line), ` ${line}`]], { width: inside });
    });
    const shape = {
      width,
      border: 'borderActive' as const,
      title: 'Log of the control connection',
      titleRole: 'title' as const,
      note: `${groupedNumber(log.lines.length)} lines`,
      bottom: [['dim', 'Contains no passwords'] as const],
    };
    return frameRows(theme, shape, body);
  }, [theme, log, width, height]);
  return <Painted rows={rows} width={width} />;
}

/** Refusals stand out. */
function roleOf(line: string): Role {
  const [, words = line] = /^[\d:.]+ \d+ (.*)$/.exec(line) ?? [];
  if (/^< [45]\d\d/.test(words)) return 'bad';
  return words.startsWith('<') ? 'plain' : 'busy';
}
