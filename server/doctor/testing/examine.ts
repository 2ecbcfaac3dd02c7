import { readSettings } from '../../config/read-settings.ts';
import type { Check, Verdict } from '../finding.ts';
import { contextFor } from '../run-checks.ts';

interface Examination {
  /** Settings by name, as on the command line. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly now?: () => number;
}

/** Makes one check with the given settings. */
export async function examine(
  check: Check,
  { flags = {}, cwd = '/', now = Date.now }: Examination = {},
): Promise<readonly Verdict[]> {
  const { settings } = readSettings({ flags, environment: {}, cwd });
  return await check.inspect(await contextFor(settings, now));
}
