import type { Chosen } from './marks.ts';
import type { Row, SortBy } from './row-order.ts';

/** Rows are in order of name. */
export type ListingEvent =
  /** A listing was asked for; what is shown stays. */
  | { readonly type: 'opening' }
  /** The first entries of a directory: it takes the place of what was shown. */
  | {
      readonly type: 'entered';
      readonly path: string;
      readonly rows: readonly Row[];
      readonly wanted: string | undefined;
    }
  | { readonly type: 'more'; readonly rows: readonly Row[] }
  /** All has come that was understood. `gap` says why it is not everything. */
  | { readonly type: 'complete'; readonly gap?: string | undefined }
  /** The same directory, read again completely. */
  | { readonly type: 'refreshed'; readonly rows: readonly Row[]; readonly gap?: string | undefined }
  | { readonly type: 'failed'; readonly message: string };

export type ViewEvent =
  | { readonly type: 'filtered'; readonly filter: string }
  | { readonly type: 'sorted'; readonly by: SortBy }
  | { readonly type: 'hiddenToggled' };

type MoveEvent =
  | { readonly type: 'moved'; readonly by: number }
  | { readonly type: 'paged'; readonly by: number }
  | { readonly type: 'movedTo'; readonly index: number }
  | { readonly type: 'movedToName'; readonly name: string }
  | { readonly type: 'resized'; readonly height: number };

export type MarkEvent =
  /** The cursor's row, and on to the next. */
  | { readonly type: 'marked'; readonly targetDirectory: string }
  | { readonly type: 'allMarked'; readonly targetDirectory: string }
  | { readonly type: 'marksInverted'; readonly targetDirectory: string }
  | {
      readonly type: 'patternMarked';
      readonly pattern: string;
      readonly targetDirectory: string;
    }
  | {
      readonly type: 'rowsMarked';
      /** In order of name. */
      readonly rows: readonly Row[];
      readonly targetDirectory: string;
    }
  | { readonly type: 'marksCleared' }
  /** These are gone or on their way. */
  | {
      readonly type: 'unmarked';
      readonly chosen: readonly Pick<Chosen, 'path'>[];
    };

export type PaneEvent = ListingEvent | ViewEvent | MoveEvent | MarkEvent;
