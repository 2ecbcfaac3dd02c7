import * as v from 'valibot';

const transferResult = v.object({ seconds: v.number(), files: v.number(), bytes: v.number() });

/** What `client transfers` prints. */
export function parseTransfers(result: unknown): v.InferOutput<typeof transferResult> {
  return v.parse(transferResult, result);
}
