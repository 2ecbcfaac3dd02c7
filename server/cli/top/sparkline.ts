const BARS = '▁▂▃▄▅▆▇█';

/** The last values as bars, one a cell, the newest at the right; the highest of them fills its cell. */
export function sparkline(values: readonly number[], cells: number): string {
  if (cells <= 0) return '';
  const shown = values.slice(-cells);
  const highest = Math.max(...shown, 1);
  const bars = shown.map((value) =>
    value <= 0 ? ' ' : BARS[Math.min(7, Math.floor((value / highest) * 8))],
  );
  return bars.join('').padStart(cells);
}
