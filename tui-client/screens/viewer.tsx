import { type ReactElement, useMemo } from 'react';
import { frameRows, insideFrame } from '../components/frame.ts';
import { Painted } from '../components/painted.tsx';
import { paintRow } from '../components/spans.ts';
import type { Theme } from '../components/theme.ts';
import { shownPath } from '../state/shown-path.ts';
import type { Viewer } from '../state/viewer.ts';
import { displayName, groupedNumber, shortBytes } from '../text/format.ts';
import { firstColumns } from '../text/text-width.ts';

interface ViewerProps {
  readonly theme: Theme;
  readonly viewer: Viewer;
  readonly home: string;
  readonly width: number;
  readonly height: number;
}

/** The beginning of a file. */
export function ViewerScreen({ theme, viewer, home, width, height }: ViewerProps): ReactElement {
  const rows = useMemo(() => {
    const inside = insideFrame(width);
    const count = Math.max(0, height - 2);
    const body = Array.from({ length: count }, (_, index) => {
      const line = displayName(viewer.lines[viewer.top + index] ?? '');
      const shown = viewer.left === 0 ? line : line.slice(firstColumns(line, viewer.left).length);
      return paintRow(theme, [shown], { width: inside });
    });
    const shape = {
      width,
      border: 'borderActive' as const,
      title: displayName(shownPath(viewer, home)),
      titleRole: 'title' as const,
      titleEnd: 'end' as const,
      note: positionNote(viewer),
      bottom: viewer.sought === '' ? [] : [['key', '/'] as const, displayName(viewer.sought)],
    };
    return frameRows(theme, shape, body);
  }, [theme, viewer, home, width, height]);
  return <Painted rows={rows} width={width} />;
}

function positionNote({ lines, top, height, isCut, octets, mode }: Viewer): string {
  const last = Math.min(lines.length, top + height);
  const size = isCut ? `the first ${shortBytes(octets.length)}` : shortBytes(octets.length);
  return `${mode}  ${groupedNumber(last)} of ${groupedNumber(lines.length)}  ${size}`;
}
