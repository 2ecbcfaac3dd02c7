import type { startScreen } from '../start-screen.tsx';
import type { ScreenFlags } from './command-actions.ts';
import { type CommandContext, UsageError } from './command-context.ts';
import { findSite } from './find-site.ts';

interface ScreenRequest {
  readonly context: CommandContext;
  readonly target: string | undefined;
  readonly flags: ScreenFlags;
  loadScreen(): Promise<typeof startScreen>;
}

/**
 * Shows the screens until the user leaves.
 *
 * @returns the exit code.
 */
export async function showScreen(request: ScreenRequest): Promise<number> {
  const { context, target, flags } = request;
  const { environment, stdin, stdout, stderr } = context;
  const warn = (sentence: string) => void stderr.write(`myftp-tui: ${sentence}\n`);
  if (target === undefined && flags.proxy !== undefined) {
    throw new UsageError(
      '--proxy requires a site or URL. In the full-screen client, use the field in the connect form.',
    );
  }
  // Before the terminal is looked at, as this is what the user can mend.
  const site =
    target === undefined ? undefined : await findSite(target, { environment, flags, warn });
  if (stdin.isTTY !== true || stdout.isTTY !== true) {
    throw new UsageError('The full-screen client requires a terminal.');
  }
  if (environment.TERM === 'dumb') {
    throw new UsageError('The full-screen client does not support TERM=dumb.');
  }
  const start = await request.loadScreen();
  return start({ environment, site, ...flags });
}
