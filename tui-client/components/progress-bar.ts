import type { Span } from './spans.ts';
import type { Theme } from './theme.ts';

/** A bar with a number of columns; full only when everything is done. */
export function progressBar(
  theme: Theme,
  { width, fraction }: { readonly width: number; readonly fraction: number },
): readonly Span[] {
  const bounded = Math.max(0, Math.min(1, Number.isFinite(fraction) ? fraction : 0));
  const full = Math.floor(bounded * width);
  return [
    ['bar', theme.signs.barFull.repeat(full)],
    ['barEmpty', theme.signs.barEmpty.repeat(width - full)],
  ];
}
