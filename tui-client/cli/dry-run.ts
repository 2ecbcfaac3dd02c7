import { lastName, type Place } from '../files/place.ts';
import { isSendableName } from '../local/disk-name.ts';
import { LocalPlace } from '../local/local-place.ts';
import type { RemoteSession } from '../remote/remote-session.ts';
import { excludesFrom } from '../transfers/excludes.ts';
import type { TransferPlan } from '../transfers/transfer-plan.ts';
import { TreeLinks } from '../transfers/tree-links.ts';
import { unsendableName } from '../transfers/unsendable-name.ts';
import type { Failures } from './each-place.ts';
import { withoutExcluded } from './exclusion.ts';
import type { Output } from './output.ts';
import type { CopyRules } from './plan-copies.ts';
import type { CommandRequest } from './request.ts';
import { walk } from './walk.ts';

interface DryRun {
  readonly request: CommandRequest;
  readonly session: RemoteSession;
  readonly source?: RemoteSession | undefined;
  readonly output: Output;
  readonly plans: readonly TransferPlan[];
  readonly rules: CopyRules;
  readonly failures: Failures;
}

/** Lists the files that would be copied, and the existing targets. */
export async function dryRun(run: DryRun): Promise<void> {
  const { request, session, source, output, plans, rules, failures } = run;
  const isUpload = rules.direction === 'upload';
  const [from, to]: Place[] = isUpload
    ? [source?.place ?? new LocalPlace(), session.place]
    : [session.place, new LocalPlace()];
  if (from === undefined || to === undefined) return;
  const isExcluded = excludesFrom(request.options.exclude ?? []);
  for (const plan of plans) {
    const walked = withoutExcluded(from, isExcluded, [plan.from]);
    for await (const file of filesOf(walked, plan, request.stop)) {
      const target = `${plan.to}${file.path.slice(plan.from.length)}`;
      if (isUpload && !isSendableName(target)) {
        await failures.tell(unsendableName(file.path), file.path);
        continue;
      }
      const isThere = (await to.stat(target)) !== undefined;
      await output.result(
        () =>
          `would ${isUpload ? 'upload' : 'download'} ${file.path} -> ${target}${isThere ? '  (exists)' : ''}\n`,
        () => ({
          type: 'plan',
          action: rules.direction,
          from: file.path,
          to: target,
          sizeBytes: file.sizeBytes,
          exists: isThere,
        }),
      );
    }
  }
}

async function* filesOf(
  place: Place,
  plan: TransferPlan,
  signal: AbortSignal,
): AsyncGenerator<{ readonly path: string; readonly sizeBytes: number | undefined }> {
  if (plan.kind === 'file') {
    yield { path: plan.from, sizeBytes: plan.sizeBytes };
    return;
  }
  const links = new TreeLinks(place, plan.links);
  const facts = { sizeBytes: undefined, modifiedMs: undefined, mode: undefined };
  const entry = { ...facts, name: lastName(plan.from), kind: plan.kind };
  for await (const found of walk(place, { path: plan.from, entry }, { signal, links })) {
    if (found.entry.kind === 'file') yield { path: found.path, sizeBytes: found.entry.sizeBytes };
  }
}
