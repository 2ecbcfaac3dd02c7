import * as v from 'valibot';
import { inChunks } from '../../scheduling/chunks.ts';
import type { Job } from './job.ts';

const optionalNumber = v.optional(v.number());

const ERROR_KINDS = [
  'network',
  'login',
  'trust',
  'denied',
  'missing',
  'space',
  'checksum',
  'exists',
  'local',
  'incomplete',
  'protocol',
] as const;

const jobSchema = v.object({
  id: v.string(),
  direction: v.picklist(['upload', 'download']),
  kind: v.picklist(['file', 'directory']),
  from: v.string(),
  to: v.string(),
  site: v.string(),
  sizeBytes: optionalNumber,
  modifiedMs: optionalNumber,
  policy: v.picklist(['ask', 'overwrite', 'skip', 'keep-both', 'newer', 'resume']),
  state: v.picklist([
    'waiting',
    'running',
    'paused',
    'checking',
    'asking',
    'done',
    'skipped',
    'failed',
  ]),
  doneBytes: v.number(),
  tries: v.number(),
  verified: v.optional(
    v.union([
      v.picklist(['unavailable', 'not-shown']),
      v.object({ algorithm: v.string(), hex: v.string() }),
    ]),
  ),
  error: v.optional(
    v.object({
      kind: v.picklist(ERROR_KINDS),
      message: v.string(),
      code: optionalNumber,
      advice: v.optional(v.string()),
    }),
  ),
  links: v.optional(v.literal('follow')),
  parent: v.optional(v.string()),
  note: v.optional(v.string()),
  isBegun: v.optional(v.boolean()),
});

/** One line of the journal: a new job, what has changed of one, or jobs that were taken out. */
type Line =
  | { readonly add: unknown }
  | { readonly set: string; readonly to: Readonly<Record<string, unknown>> }
  | { readonly gone: readonly string[] };

export function lineForJob(job: Job): string {
  return format({ add: job });
}

/** With what differs only; null stands for undefined. */
export function lineForChange(before: Job, after: Job): string {
  const to: Record<string, unknown> = {};
  for (const key of Object.keys(after) as (keyof Job)[]) {
    if (after[key] !== before[key]) to[key] = after[key] ?? null;
  }
  return format({ set: after.id, to });
}

export function lineForRemoval(ids: readonly string[]): string {
  return format({ gone: ids });
}

/** The jobs after all lines. What is no line, such as one that a crash has torn, counts for nothing. */
export async function replay(text: string): Promise<ReadonlyMap<string, Job>> {
  const jobs = new Map<string, Record<string, unknown>>();
  for await (const lines of inChunks(text.split('\n'))) {
    for (const line of lines) {
      const parsed = parse(line);
      if (parsed !== undefined) apply(jobs, parsed);
    }
  }
  const whole = new Map<string, Job>();
  for await (const values of inChunks([...jobs])) {
    for (const [id, value] of values) {
      const job = v.safeParse(jobSchema, value);
      if (job.success) whole.set(id, job.output as Job);
    }
  }
  return whole;
}

function apply(jobs: Map<string, Record<string, unknown>>, line: Line): void {
  if ('add' in line) {
    const job = line.add as Record<string, unknown> | null;
    if (typeof job?.id === 'string') jobs.set(job.id, job);
  } else if ('set' in line) {
    const job = jobs.get(line.set);
    if (job === undefined) return;
    for (const [key, value] of Object.entries(line.to ?? {})) job[key] = value ?? undefined;
  } else if (Array.isArray(line.gone)) {
    for (const id of line.gone) jobs.delete(id);
  }
}

function format(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

function parse(line: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isLine = typeof value === 'object' && value !== null;
    return isLine && ('add' in value || 'set' in value || 'gone' in value)
      ? (value as Line)
      : undefined;
  } catch {
    return undefined;
  }
}
