/** The candidate that `name` most likely is a slip of, or undefined if none is close. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = comparable(name);
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distanceBetween(wanted, comparable(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  const mostEdits = Math.max(1, Math.floor(wanted.length / 3));
  if (best !== undefined && best.distance <= mostEdits) return best.candidate;
  return candidates.find((candidate) => sharesBeginning(wanted, comparable(candidate)));
}

/** `pasv_range`, `PasvRange` and `pasv-range` differ in spelling only. */
function comparable(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ .]/g, '');
}

function sharesBeginning(one: string, other: string): boolean {
  return (
    Math.min(one.length, other.length) >= 3 && (one.startsWith(other) || other.startsWith(one))
  );
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
function distanceBetween(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + (same ? 0 : 1),
          swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, other.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
