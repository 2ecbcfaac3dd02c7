import { lstatSync } from 'node:fs';
import { fileFacts } from '../system/file-facts.ts';
import { type AskEntryFacts, loadStatx } from '../system/statx.ts';

/** The public way. It takes the system longer, and makes an object with four dates for each entry. */
export const entryFactsByLstat: AskEntryFacts = (directory, name) => {
  try {
    const path = Buffer.from(`/proc/self/fd/${directory}/${name}`, 'latin1');
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats && fileFacts(name, stats);
  } catch {
    return undefined;
  }
};

async function choose(): Promise<{ ask: AskEntryFacts; problem?: string }> {
  try {
    return { ask: await loadStatx() };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ask: entryFactsByLstat, problem: code ?? message };
  }
}

const chosen = await choose();

/** The reason why entries are asked for by lstat; undefined if statx works. */
export const statxProblem: string | undefined = chosen.problem;

/**
 * The facts of an entry of an open directory; a symbolic link is not followed.
 *
 * @returns undefined if there is no such entry, or the system does not report its facts.
 */
export const entryFacts: AskEntryFacts = chosen.ask;
