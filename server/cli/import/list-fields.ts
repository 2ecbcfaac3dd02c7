import { isAbsolute } from 'node:path';
import {
  type ImportedAccount,
  ImportFileError,
  type ImportProblem,
} from '../../accounts/import/imported-account.ts';
import { parseQuota } from '../../config/quota-size.ts';
import { parseMaxFiles, parseNetworks, parseRate } from '../../config/setting-parsers.ts';
import { WrongFormError } from '../../errors/wrong-form.ts';
import { parseRights } from '../../rights/rights.ts';
import { UsageError } from '../command-context.ts';
import { expiryIn } from '../user-access-commands.ts';

/** An account of a list, and where it stands. */
export interface ListRow {
  readonly line: number;
  /** Texts by field. */
  readonly values: Readonly<Record<string, string>>;
}

type Read = (text: string, account: ImportedAccount) => Partial<ImportedAccount>;

const NAME = 'name';

/** What each field of a list says of an account. */
const FIELDS: Readonly<Record<string, Read>> = {
  [NAME]: (username) => ({ username }),
  password: (text) => ({ password: { kind: 'plain', text } }),
  hash: (hash) => ({ password: { kind: 'hash', hash } }),
  quota: (text) => ({ quotaBytes: parseQuota(text) }),
  'max-files': (text) => ({ maxFiles: parseMaxFiles(text) }),
  home: (text) => ({ homePath: absolutePath(text) }),
  group: (group) => ({ group }),
  rights: (text) => ({ rights: { '/': checkedRights(text) } }),
  'rate-up': (text, { rates }) => ({ rates: { up: parseRate(text), down: rates?.down } }),
  'rate-down': (text, { rates }) => ({ rates: { up: rates?.up, down: parseRate(text) } }),
  networks: (text) => ({ networks: parseNetworks(text) }),
  expires: (text) => ({ expiresAtMs: expiryIn(text) }),
  enabled: (text) => ({ enabled: truthOf(text) }),
  'must-change': (text) => ({ mustChangePassword: truthOf(text) }),
};

const TRUTHS: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  1: true,
  no: false,
  false: false,
  0: false,
};

/** Refuses fields that no list has, and a list without names. @throws ImportFileError */
export function checkFields(names: readonly string[], line: number): void {
  const known = Object.keys(FIELDS);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const message = `There is no field ${JSON.stringify(unknown)}. The fields are ${known.join(', ')}.`;
    throw ImportFileError.at(line, message);
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw ImportFileError.at(line, `The field ${repeated} stands twice.`);
  if (!names.includes(NAME)) throw ImportFileError.at(line, `The field ${NAME} is missing.`);
}

/** The accounts of a list. Fields without a text leave the default. @throws ImportFileError with all bad lines. */
export function readRows(rows: readonly ListRow[]): readonly ImportedAccount[] {
  const accounts: ImportedAccount[] = [];
  const problems: ImportProblem[] = [];
  for (const row of rows) {
    try {
      accounts.push(accountOf(row));
    } catch (error) {
      if (!(error instanceof WrongFormError)) throw error;
      problems.push({ line: row.line, message: error.message });
    }
  }
  if (problems.length > 0) throw new ImportFileError(problems);
  return accounts;
}

/** @throws WrongFormError */
function accountOf({ line, values }: ListRow): ImportedAccount {
  let account: ImportedAccount = { line, username: '', password: undefined, enabled: true };
  for (const [field, text] of Object.entries(values)) {
    if (text !== '') account = { ...account, ...read(field, text, account) };
  }
  const { [NAME]: username, password, hash } = values;
  if (!username) throw new WrongFormError(`The ${NAME} is missing.`);
  if (password && hash) throw new WrongFormError('There are both a password and a hash.');
  return account;
}

/** @throws WrongFormError that names the field. */
function read(field: string, text: string, account: ImportedAccount): Partial<ImportedAccount> {
  try {
    return FIELDS[field]?.(text, account) ?? {};
  } catch (error) {
    if (!(error instanceof WrongFormError || error instanceof UsageError)) throw error;
    throw new WrongFormError(`${field}: ${error.message}`);
  }
}

function absolutePath(text: string): string {
  if (isAbsolute(text)) return text;
  throw new WrongFormError(`${JSON.stringify(text)} is not an absolute path.`);
}

function checkedRights(text: string): string {
  parseRights(text);
  return text;
}

function truthOf(text: string): boolean {
  const truth = TRUTHS[text.toLowerCase()];
  if (truth !== undefined) return truth;
  throw new WrongFormError(`${JSON.stringify(text)} is neither yes nor no.`);
}
