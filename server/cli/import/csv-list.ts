import { CsvError, parse } from 'csv-parse/sync';
import { type ImportedAccount, ImportFileError } from '../../accounts/import/imported-account.ts';
import { checkFields, readRows } from './list-fields.ts';

/** A record of RFC 4180 with the line where it ends. */
interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Reads a list of accounts in CSV, whose first record names the fields. @throws ImportFileError */
export function readCsvList(text: string): readonly ImportedAccount[] {
  const [header, ...records] = recordsIn(text);
  if (header === undefined) throw ImportFileError.at(1, 'The file is empty.');
  const names = header.record.map((name) => name.trim().toLowerCase());
  checkFields(names, header.info.lines);
  return readRows(
    records.map(({ record, info: { lines } }) => ({
      line: lines,
      values: Object.fromEntries(names.map((name, index) => [name, record[index] ?? ''])),
    })),
  );
}

function recordsIn(text: string): readonly CsvRecord[] {
  try {
    const records: unknown = parse(text, {
      info: true,
      record_delimiter: ['\r\n', '\n'],
      skip_empty_lines: true,
    });
    return records as readonly CsvRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as CsvError & { readonly lines: number };
    throw ImportFileError.at(lines, `This is no CSV: ${reasonOf(error)}`);
  }
}

/** The messages of the parser quote the text, which may be a password. */
function reasonOf({ code }: CsvError): string {
  if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    return 'the record has another number of fields than the first line.';
  }
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quotation mark is not closed.';
  return 'a quotation mark stands where none can be; write "" for one in a quoted text.';
}
