import { ImportFileError } from './imported-account.ts';
import { LineNumbers } from './line-numbers.ts';

/** Characters that V8 quotes before the one that it did not expect. */
const QUOTED_BEFORE = 10;

/** Reads JSON. @throws ImportFileError that names the line. */
export function readJsonFile(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw ImportFileError.at(lineOf(error as SyntaxError, text), 'This is no JSON.');
  }
}

/** V8 gives the line, or quotes the place, or has reached the end. */
function lineOf({ message }: SyntaxError, text: string): number {
  const [, line] = /\(line (\d+) /.exec(message) ?? [];
  if (line !== undefined) return Number(line);
  const [, ellipsis, quoted] =
    /, (\.\.\.)?"(.*)"(?:\.\.\.)? is not valid JSON$/s.exec(message) ?? [];
  if (quoted === undefined) return new LineNumbers(text).at(text.trimEnd().length);
  const before = ellipsis === undefined ? 0 : QUOTED_BEFORE;
  return new LineNumbers(text).at(text.indexOf(quoted) + before);
}
