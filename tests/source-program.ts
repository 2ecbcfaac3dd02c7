import { fileURLToPath } from 'node:url';

/** Node options of a program that runs from its sources; Node 22 still warns that it strips types. */
const OPTIONS = ['--disable-warning=ExperimentalWarning'] as const;

/** Node's arguments that run a program from its sources. */
export function sourceProgram(url: URL): readonly string[] {
  return [...OPTIONS, fileURLToPath(url)];
}

/** The environment without the options that Jest runs under. */
export function sourceEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...environment } = process.env;
  return environment;
}
