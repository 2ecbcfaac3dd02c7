import { type ImportedAccount, ImportFileError } from '../../accounts/import/imported-account.ts';
import { readJsonFile } from '../../accounts/import/json-file.ts';
import { LineNumbers } from '../../accounts/import/line-numbers.ts';
import { checkFields, type ListRow, readRows } from './list-fields.ts';

/** Strings of JSON, and the characters that open and close. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{}]/gs;

/** Reads a list of accounts in JSON: an array of objects with the fields of the CSV. @throws ImportFileError */
export function readJsonList(text: string): readonly ImportedAccount[] {
  const list = readJsonFile(text);
  if (!Array.isArray(list)) throw ImportFileError.at(1, 'This is no array of accounts.');
  const lines = linesOfElements(text);
  return readRows(list.map((element: unknown, index) => rowOf(element, lines[index] ?? 1)));
}

function rowOf(element: unknown, line: number): ListRow {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw ImportFileError.at(line, 'This is no object with the fields of an account.');
  }
  checkFields(Object.keys(element), line);
  const values = Object.entries(element).map(([name, value]) => [name, textOf(value)] as const);
  const strange = values.find(([, text]) => text === undefined);
  if (strange !== undefined) throw ImportFileError.at(line, `${strange[0]} is no text or number.`);
  return { line, values: Object.fromEntries(values) as Record<string, string> };
}

/** A list of texts is what commas separate in CSV. */
function textOf(value: unknown): string | undefined {
  if (value === null) return '';
  if (Array.isArray(value)) {
    return value.every((one) => typeof one === 'string') ? value.join(',') : undefined;
  }
  return typeof value === 'object' ? undefined : String(value);
}

/** The lines where the objects in the outermost array begin. */
function linesOfElements(text: string): readonly number[] {
  const numbers = new LineNumbers(text);
  const lines: number[] = [];
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '{' && depth === 1) lines.push(numbers.at(index));
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
  }
  return lines;
}
