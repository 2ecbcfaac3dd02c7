import { AWAIT_NEWS, type Task } from '../workers/task-runner.ts';
import { TreeMemo, type TreeSize, treeSize } from './tree-size.ts';

/** Options of the next pass. */
export interface TreePass {
  /** A slow pass waits after each slice until that part is taken. */
  readonly pace: 'slow' | 'fast';
  /** `all`: what an earlier pass has read is read again. */
  readonly reads: 'changes' | 'all';
}

/** The end of a slice of a slow pass, or the result of a pass. */
export type TreePart = { readonly kind: 'slice' } | { readonly kind: 'size'; size: TreeSize };

/** Measures a tree repeatedly, once for each {@link TreePass} that arrives, until it is cancelled. */
export const treeSizeTask: Task<{ readonly path: string }, TreePart, TreePass> = function* ({
  path,
}) {
  const memo = new TreeMemo();
  for (;;) {
    const pass = yield AWAIT_NEWS;
    if (pass.reads === 'all') memo.forget();
    const slices = treeSize(path, memo);
    let slice = slices.next();
    try {
      for (; slice.done !== true; slice = slices.next()) {
        yield pass.pace === 'slow' ? { kind: 'slice' } : undefined;
      }
    } finally {
      slices.return({ sizeBytes: 0, entries: 0, unread: { count: 0, named: [] } });
    }
    yield { kind: 'size', size: slice.value };
  }
};
