import { StartError } from '../errors/start-error.ts';
import { isSameDirectory } from '../start/data-root.ts';
import type { GivenRoot } from './command-context.ts';

/**
 * The root that commands work on: the one that the server was last started with.
 *
 * @throws StartError if a setting names another one: files would be looked for, or deleted, in the wrong place.
 */
export function agreedRoot({
  remembered,
  givenRoot,
  otherwise,
}: {
  readonly remembered: string | undefined;
  readonly givenRoot: GivenRoot | undefined;
  readonly otherwise: string;
}): string {
  if (remembered === undefined) return otherwise;
  if (givenRoot === undefined || isSameDirectory(remembered, givenRoot.directory))
    return remembered;
  throw new StartError(
    `${givenRoot.place}: the server keeps the files of these accounts in ${remembered}, not in ${givenRoot.directory}. Leave this setting out, or name the --data directory that belongs to it.`,
    { exitCode: 78 },
  );
}
