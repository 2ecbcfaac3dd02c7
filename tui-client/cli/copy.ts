import type { RemoteSession } from '../remote/remote-session.ts';
import type { TransferPlan } from '../transfers/transfer-plan.ts';
import { dryRun } from './dry-run.ts';
import { Failures } from './each-place.ts';
import { checkApart } from './mirror-sides.ts';
import { type CopyRules, type CopySource, type CopyTarget, planCopy } from './plan-copies.ts';
import type { CommandRequest } from './request.ts';
import { runTransfers } from './run-transfers.ts';
import type { Sessions } from './sessions.ts';
import { TransferReport } from './transfer-report.ts';

/** A source of a copy command. */
export interface WrittenSource {
  /** As it was written. */
  readonly text: string;
  find(): Promise<readonly CopySource[]>;
}

export interface CopyTask {
  readonly request: CommandRequest;
  readonly sessions: Sessions;
  readonly session: RemoteSession;
  /** The server that uploads come from; the local disk if left out. */
  readonly source?: RemoteSession | undefined;
  readonly rules: CopyRules;
  readonly sources: readonly WrittenSource[];
  readonly target: CopyTarget;
  /** Makes the directory that is copied into. */
  prepareTarget(): Promise<void>;
}

/**
 * Finds all sources, and copies them. A source that cannot be found does not keep the others from being
 * copied.
 *
 * @returns the exit code.
 */
export async function copy(task: CopyTask): Promise<number> {
  const { request, sessions, session, source, rules } = task;
  const report = new TransferReport(request, sessions.output);
  const failures = new Failures(sessions, (kind) => report.failedEarly(kind));
  const plans = await planAll(task, failures);
  if (request.options.dryRun === true) {
    await dryRun({ request, session, source, output: sessions.output, plans, rules, failures });
    return failures.exitCode;
  }
  if (plans.length === 0) return failures.exitCode;
  const roots = plans.filter(({ kind }) => kind === 'directory').map(({ from }) => from);
  await task.prepareTarget();
  return runTransfers(
    { request, sessions, session, source, direction: rules.direction, report, roots },
    plans,
  );
}

async function planAll(
  { session, source: sourceSession, sources, target, rules }: CopyTask,
  failures: Failures,
): Promise<readonly TransferPlan[]> {
  const plans: TransferPlan[] = [];
  for (const { text, find } of sources) {
    await failures.gather(text, async () => {
      const found = await find();
      // A pattern that fits several things needs a directory to put them into.
      const several: CopyTarget = found.length > 1 ? { ...target, how: 'into' } : target;
      for (const source of found) {
        await failures.gather(source.path, async () => {
          const plan = planCopy(source, several, rules);
          if (sourceSession?.site.id === session.site.id) checkApart(plan.from, plan.to);
          plans.push(plan);
        });
      }
    });
  }
  return plans;
}
