import { Box } from 'ink';
import type { ReactElement } from 'react';
import { FilePane, type PaneLine } from '../components/file-pane.tsx';
import type { Theme } from '../components/theme.ts';
import { TransferStrip } from '../components/transfer-strip.tsx';
import { lineCount, type Pane, rowAt } from '../state/pane.ts';
import { secondsLeft } from '../state/queue-view.ts';
import { shownPath } from '../state/shown-path.ts';
import type { Side, Ui } from '../state/ui.ts';
import type { Layout } from './layout.ts';

interface FilesProps {
  readonly theme: Theme;
  readonly ui: Ui;
  readonly layout: Layout;
  readonly nowMs: number;
}

/** Two panes, or the active one where there is no room for two, and what is on its way. */
export function Files({ theme, ui, layout, nowMs }: FilesProps): ReactElement {
  const { columns } = ui.size;
  const half = Math.floor(columns / 2);
  const sides: readonly Side[] = layout.hasTwoPanes ? ['left', 'right'] : [ui.active];
  const widths = layout.hasTwoPanes ? [half, columns - half] : [columns];
  return (
    <Box flexDirection="column">
      <Box>
        {sides.map((side, index) => (
          <SidePane
            key={side}
            theme={theme}
            ui={ui}
            side={side}
            width={widths[index] ?? columns}
            height={layout.bodyRows}
            nowMs={nowMs}
          />
        ))}
      </Box>
      {layout.stripRows > 0 && <Strip theme={theme} ui={ui} rows={layout.stripRows} />}
    </Box>
  );
}

interface SidePaneProps {
  readonly theme: Theme;
  readonly ui: Ui;
  readonly side: Side;
  readonly width: number;
  readonly height: number;
  readonly nowMs: number;
}

function SidePane({ theme, ui, side, width, height, nowMs }: SidePaneProps): ReactElement {
  const pane = ui.panes[side];
  const isActive = ui.active === side;
  return (
    <FilePane
      theme={theme}
      width={width}
      height={height}
      nowMs={nowMs}
      path={shownPath(pane, ui.home)}
      lines={shownLines(pane)}
      cursor={pane.cursor - pane.top}
      isActive={isActive}
      sort={pane.sort}
      entryCount={pane.rows.length}
      markedCount={pane.marks.size}
      hiddenCount={pane.showsHidden ? 0 : hiddenCount(pane)}
      filter={pane.filter}
      isFiltering={isActive && ui.isFiltering}
      isLoading={pane.isLoading}
      error={pane.error}
      isStale={side === 'right' && ui.connection.state !== 'online'}
    />
  );
}

/** Only where nothing is shown: counting takes as long as the directory is. */
function hiddenCount(pane: Pane): number {
  if (pane.rows.length > 0) return 0;
  return pane.all.filter(({ entry }) => entry.name.startsWith('.')).length;
}

function shownLines(pane: Pane): readonly PaneLine[] {
  const count = Math.max(0, Math.min(pane.height, lineCount(pane) - pane.top));
  return Array.from({ length: count }, (_, index) => {
    const row = rowAt(pane, pane.top + index);
    if (row === undefined) return 'parent';
    return { entry: row.entry, isMarked: pane.marks.has(pane.path, row) };
  });
}

function Strip({
  theme,
  ui,
  rows,
}: {
  readonly theme: Theme;
  readonly ui: Ui;
  readonly rows: number;
}): ReactElement {
  const { queue, size } = ui;
  const running = queue.running
    .filter(({ kind, state }) => kind === 'file' && (state === 'running' || state === 'checking'))
    .map((job) => ({ job, bytesPerSecond: queue.rates.get(job.id) ?? 0 }));
  const shown = running.slice(0, rows - 1);
  return (
    <Box height={rows}>
      <TransferStrip
        theme={theme}
        width={size.columns}
        totals={{ ...queue.totals, secondsLeft: secondsLeft(queue.totals) }}
        jobs={shown}
        nextTry={shown.length < rows - 1 ? queue.nextTry : undefined}
      />
    </Box>
  );
}
