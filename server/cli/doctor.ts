import { ConfigError } from '../config/config-error.ts';
import type { Settings } from '../config/settings.ts';
import type { Finding } from '../doctor/finding.ts';
import { runChecks } from '../doctor/run-checks.ts';
import type { CommandContext } from './command-context.ts';
import { findingsJson, findingsText } from './doctor-views.ts';

interface DoctorRequest {
  readonly context: CommandContext;
  readonly options: Readonly<Record<string, unknown>>;
  /** @throws ConfigError */
  readSettings(): Settings;
}

/**
 * Looks at everything that the server needs and shows what is wrong.
 *
 * @returns the exit code: 1 if there is a problem.
 */
export async function doctor({ context, options, readSettings }: DoctorRequest): Promise<number> {
  const findings = await examine(readSettings);
  const { stdout } = context;
  const { columns } = stdout as { columns?: number };
  stdout.write(options.json === true ? findingsJson(findings) : findingsText(findings, columns));
  return findings.some(({ level }) => level === 'problem') ? 1 : 0;
}

/** With settings that cannot work, nothing else is checked. */
async function examine(readSettings: () => Settings): Promise<readonly Finding[]> {
  let settings: Settings;
  try {
    settings = readSettings();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((text) => ({
      id: 'settings',
      level: 'problem',
      text,
      remedy: 'Correct the setting; --print-config shows where each one comes from.',
    }));
  }
  return await runChecks(settings);
}
