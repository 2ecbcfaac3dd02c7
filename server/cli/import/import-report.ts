import type { ImportedAccount } from '../../accounts/import/imported-account.ts';

/** What `import` has to say of an account. */
interface AccountReport {
  readonly name: string;
  readonly line: number;
  /** No login is possible before it has one. */
  readonly needsPassword: boolean;
  /** What was not taken over. */
  readonly omitted: readonly string[];
}

/** The accounts that were imported, or would be, and what is missing of them: as text or as JSON. */
export function importReport(
  accounts: readonly ImportedAccount[],
  options: Readonly<Record<string, unknown>>,
): string {
  const reports = accounts.map(reportOf).filter(isRemarkable);
  const isDry = options.dryRun === true;
  const names = accounts.map(({ username }) => username);
  if (options.json === true) {
    const imported = isDry ? [] : names;
    return `${JSON.stringify({ imported, names, incomplete: reports }, undefined, 2)}\n`;
  }
  const count = names.length === 1 ? '1 account' : `${names.length} accounts`;
  const lines = reports.map((report) => `  ${report.name}: ${remarkOf(report)}.`);
  return [`${isDry ? 'Would import' : 'Imported'} ${count}.`, ...lines, ''].join('\n');
}

function reportOf({ username, line, password, omitted = [] }: ImportedAccount): AccountReport {
  return { name: username, line, needsPassword: password === undefined, omitted };
}

function isRemarkable({ needsPassword, omitted }: AccountReport): boolean {
  return needsPassword || omitted.length > 0;
}

function remarkOf({ name, needsPassword, omitted }: AccountReport): string {
  return [
    ...(needsPassword ? [`has no password (set one: myftp-server user passwd ${name})`] : []),
    ...(omitted.length > 0 ? [`not taken over: ${omitted.join(', ')}`] : []),
  ].join('; ');
}
