import type { Usage } from '../../db/quota-repository.ts';

export const NOTHING: Usage = { bytes: 0, entries: 0 };

export function sum(one: Usage, other: Usage): Usage {
  return { bytes: one.bytes + other.bytes, entries: one.entries + other.entries };
}

export function difference(one: Usage, other: Usage): Usage {
  return { bytes: one.bytes - other.bytes, entries: one.entries - other.entries };
}

/** The smaller of each. */
export function atMost(one: Usage, most: Usage): Usage {
  return {
    bytes: Math.min(one.bytes, most.bytes),
    entries: Math.min(one.entries, most.entries),
  };
}

export function isSame(one: Usage, other: Usage): boolean {
  return one.bytes === other.bytes && one.entries === other.entries;
}
