import { StartError } from '../errors/start-error.ts';

/** Settings that cannot work. Carries every problem that was found, each a line with its own place. */
export class ConfigError extends StartError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'), { exitCode: 78 });
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
