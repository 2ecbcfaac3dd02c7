import type { Job } from './queue/job.ts';

/** What is to be moved where. */
export interface TransferPlan
  extends Pick<Job, 'direction' | 'kind' | 'from' | 'to' | 'policy' | 'links'> {
  readonly sizeBytes?: number | undefined;
  readonly modifiedMs?: number | undefined;
  readonly parent?: string | undefined;
  /** Why it is only listed, and not moved. */
  readonly skip?: string;
}

export function jobFor(
  plan: TransferPlan,
  { id, site, state }: { id: string; site: string; state: 'waiting' | 'paused' },
): Job {
  const { skip, sizeBytes, modifiedMs, ...rest } = plan;
  return {
    ...rest,
    id,
    site,
    sizeBytes,
    modifiedMs,
    state: skip === undefined ? state : 'skipped',
    doneBytes: 0,
    tries: 0,
    note: skip,
  };
}
