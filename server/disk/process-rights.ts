import fs from 'node:fs';
import type { Owner } from './creation-rules.ts';

/** CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER: to give files away, and to go on reading and changing them. */
const CAPABILITIES = 0b1011n;

/** What a process may do with files that it makes. */
export interface ProcessRights {
  readonly uid: number;
  readonly gid: number;
  /** Its further groups. */
  readonly groups: readonly number[];
  /** Whether it may give files to anyone. */
  readonly isCapable: boolean;
}

/** The effective rights of a process, which may be that of another user. @throws if there is none. */
export function rightsOfProcess(pid: number | 'self'): ProcessRights {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  const numbersOf = (name: string) => {
    const [, text = ''] = new RegExp(`^${name}:(.*)$`, 'm').exec(status) ?? [];
    return text.trim().split(/\s+/).filter(Boolean);
  };
  const [effective = '0'] = numbersOf('CapEff');
  return {
    uid: Number(numbersOf('Uid')[1]),
    gid: Number(numbersOf('Gid')[1]),
    groups: numbersOf('Groups').map(Number),
    isCapable: (BigInt(`0x${effective}`) & CAPABILITIES) === CAPABILITIES,
  };
}

/** Whether a process may give files to a user and go on using them. */
export function canGiveTo(rights: ProcessRights, { uid, gid }: Owner): boolean {
  if (rights.isCapable) return true;
  const isOwnGroup = gid === undefined || gid === rights.gid || rights.groups.includes(gid);
  return uid === rights.uid && isOwnGroup;
}
