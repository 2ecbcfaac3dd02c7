import type { FileFacts } from './file-facts.ts';

/**
 * One line of LIST in the form of `ls -l`, without a line end. Times are UTC.
 *
 * CR and LF in the name become `?`, because they would end the line.
 */
export function unixLine(_facts: FileFacts, _nowMs: number): string {
  throw new Error('not built yet');
}
