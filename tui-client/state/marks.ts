import { type Entry, joinPath } from '../place.ts';
import { globMatcher } from './glob.ts';
import type { Row } from './row-order.ts';

/** Something chosen for a batch. Where it will go was settled when it was marked. */
interface Mark {
  /** Absolute, the name included. */
  readonly path: string;
  readonly entry: Entry;
  /** The directory that the other pane showed then. */
  readonly targetDirectory: string;
}

/** By path. May come from several directories. */
export type Marks = ReadonlyMap<string, Mark>;

export interface MarkScene {
  readonly marks: Marks;
  readonly directory: string;
  readonly targetDirectory: string;
}

export function toggleMarks(scene: MarkScene, rows: readonly Row[]): Marks {
  const marks = new Map(scene.marks);
  for (const { entry } of rows) {
    const path = joinPath(scene.directory, entry.name);
    if (!marks.delete(path)) {
      marks.set(path, { path, entry, targetDirectory: scene.targetDirectory });
    }
  }
  return marks;
}

/** Marks all these rows; takes the marks away if all have one. */
export function markAll(scene: MarkScene, rows: readonly Row[]): Marks {
  const unmarked = rows.filter(
    ({ entry }) => !scene.marks.has(joinPath(scene.directory, entry.name)),
  );
  return toggleMarks(scene, unmarked.length === 0 ? rows : unmarked);
}

/** Marks the rows whose names match, besides what is marked. */
export function markPattern(scene: MarkScene, rows: readonly Row[], pattern: string): Marks {
  return markMatching(scene, rows, globMatcher(pattern));
}

export function markNames(scene: MarkScene, rows: readonly Row[], names: readonly string[]): Marks {
  const wanted = new Set(names);
  return markMatching(scene, rows, (name) => wanted.has(name));
}

function markMatching(
  scene: MarkScene,
  rows: readonly Row[],
  matches: (name: string) => boolean,
): Marks {
  const fresh = rows.filter(
    ({ entry }) => matches(entry.name) && !scene.marks.has(joinPath(scene.directory, entry.name)),
  );
  return toggleMarks(scene, fresh);
}
