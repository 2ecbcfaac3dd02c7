/** What a client does with a data connection. */
export interface DataPlan {
  readonly payloadBytes: number;
  /** `open`: the client leaves it as it is until somebody ends it. */
  readonly end: 'fin' | 'rst' | 'open';
  readonly reads: boolean;
}

/** How a client opens, or does not open, the data connection. */
export type DataRoute =
  | {
      readonly from: 'client';
      readonly kind: 'PASV' | 'EPSV';
      readonly plan: DataPlan | 'never' | 'stranger';
    }
  | {
      readonly from: 'server';
      readonly kind: 'PORT' | 'EPRT';
      readonly plan: DataPlan | 'refuse';
    };

/** One thing that one of the clients does. */
export type Step = { readonly who: number } & (
  | {
      readonly kind: 'send';
      /** Lines with their ends, or anything else. */
      readonly octets: Uint8Array;
      /** Where the octets are cut into segments, in thousandths of the whole. */
      readonly cuts: readonly number[];
    }
  | { readonly kind: 'data'; readonly route: DataRoute }
  /** Waits until everything that was sent is answered, or the server seems to wait for the client. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'leave'; readonly how: 'fin' | 'rst' }
);

/** What some clients of one account do, at once and one after another. */
export interface Scenario {
  /** Whether each client logs in first. */
  readonly clients: readonly ('logged in' | 'stranger')[];
  readonly steps: readonly Step[];
}

/** A scenario as a person can read it. */
export function describeScenario({ clients, steps }: Scenario): string {
  const lines = steps.map((step) => {
    if (step.kind !== 'send') return `  ${JSON.stringify(step)}`;
    const text = JSON.stringify(Buffer.from(step.octets).toString('latin1')).replace(
      /(.{1,4})\1{20,}/g,
      (run, unit: string) => `${unit}{${run.length / unit.length} times}`,
    );
    return `  ${step.who} sends ${text} cut at ${JSON.stringify(step.cuts)}`;
  });
  return [`clients: ${clients.join(', ')}`, ...lines].join('\n');
}
