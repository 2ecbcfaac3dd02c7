type Fit =
  | { readonly kind: 'fits' }
  | { readonly kind: 'too-big'; readonly missingBytes: number; readonly freeBytes: number }
  /** There is no quota, or nobody knows yet how much there is to move. */
  | { readonly kind: 'unknown' };

/** Whether what is to be moved has room. As far as it is known: too big is too big before all is counted. */
export function willItFit(
  needed: { readonly totalBytes: number; readonly isTotalKnown: boolean },
  quota: { readonly usedBytes: number; readonly limitBytes: number } | undefined,
): Fit {
  if (quota === undefined) return { kind: 'unknown' };
  const freeBytes = Math.max(0, quota.limitBytes - quota.usedBytes);
  const missingBytes = needed.totalBytes - freeBytes;
  if (missingBytes > 0) return { kind: 'too-big', missingBytes, freeBytes };
  return needed.isTotalKnown ? { kind: 'fits' } : { kind: 'unknown' };
}
