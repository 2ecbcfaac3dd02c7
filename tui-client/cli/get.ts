import { mkdir } from 'node:fs/promises';
import { parseTarget } from '../sites/target.ts';
import { cat } from './cat.ts';
import { UsageError } from './command-context.ts';
import { copy } from './copy.ts';
import { isLocalDirectory, localPath } from './local-spot.ts';
import { type CopyTarget, copyRules } from './plan-copies.ts';
import { remoteSources } from './remote-sources.ts';
import type { CommandRequest } from './request.ts';
import { withSessions } from './sessions.ts';

/** Downloads files and, with `--recursive`, directories; into the current directory if no target is named. */
export async function get(request: CommandRequest): Promise<number> {
  const { options } = request;
  const { sources, to } = sidesOf(request.args);
  if (to === '-') return cat({ ...request, args: sources });
  const target = await targetOf(localPath(request.context, to), to, sources.length);
  return withSessions(request, async (sessions) => {
    const from = await remoteSources(request, sessions, sources);
    return copy({
      request,
      sessions,
      session: from.session,
      rules: copyRules(options, 'download'),
      sources: from.sources,
      target,
      prepareTarget: async () => {
        if (target.how === 'into') await mkdir(target.path, { recursive: true });
      },
    });
  });
}

function sidesOf(args: readonly string[]): {
  readonly sources: readonly string[];
  readonly to: string;
} {
  const last = args.at(-1) ?? '';
  if (parseTarget(last).kind !== 'local') return { sources: args, to: '.' };
  if (args.length === 1) throw new UsageError(`"${last}" is not a place on a server.`);
  return { sources: args.slice(0, -1), to: last };
}

async function targetOf(path: string, written: string, sources: number): Promise<CopyTarget> {
  const isInto = sources > 1 || written.endsWith('/') || (await isLocalDirectory(path));
  return { path, how: isInto ? 'into' : 'as' };
}
