import type { FileFacts } from '../system/file-facts.ts';
import { lineName } from './line-name.ts';
import { machineTime } from './machine-time.ts';

/**
 * Facts of MLSD and MLST, in the order in which they are sent (RFC 3659 §7.5). Names that start with `X.` are MyFTP's
 * own.
 */
export const MACHINE_FACTS = [
  'type',
  'size',
  'modify',
  'perm',
  'unique',
  'UNIX.mode',
  'X.partial',
] as const;

/** A fact of MLSD and MLST. */
export type MachineFact = (typeof MACHINE_FACTS)[number];

/** Inputs of an MLSD or MLST entry besides the file. */
export interface MachineFactsOptions {
  /** The fact `perm`. */
  readonly permissions: string;
  /** The facts that the client wants (OPTS MLST), in the order to send them; all if left out. */
  readonly selected?: readonly MachineFact[] | undefined;
  /** Set for the listed directory itself (RFC 3659 §7.5.1.2). */
  readonly isListedDirectory?: boolean;
}

/**
 * One entry of MLSD or MLST: the facts, a space and the name, without a line end (RFC 3659 §7.2).
 *
 * CR and LF in the name become `?`, because they would end the line.
 */
export function machineFacts(facts: FileFacts, options: MachineFactsOptions): string {
  let text = '';
  for (const fact of options.selected ?? MACHINE_FACTS) text += factText(fact, facts, options);
  return `${text} ${lineName(facts.name)}`;
}

function factText(fact: MachineFact, facts: FileFacts, options: MachineFactsOptions): string {
  switch (fact) {
    case 'type':
      return `type=${typeFact(facts.kind, options)};`;
    case 'size':
      return facts.kind === 'directory' ? '' : `size=${facts.sizeBytes};`;
    case 'modify':
      return `modify=${machineTime(facts.modifiedMs)};`;
    case 'perm':
      return `perm=${options.permissions};`;
    case 'unique':
      return `${uniqueOnDevice(facts.device)}${facts.inode.toString(16)};`;
    case 'UNIX.mode':
      return MODE_TEXTS[facts.mode & 0o7777] ?? '';
    case 'X.partial':
      return facts.isPartial ? 'X.partial=1;' : '';
  }
}

/** Nearly all entries of a listing lie on one device. */
let last = { device: 0, text: 'unique=0g' };

function uniqueOnDevice(device: number): string {
  if (device !== last.device) last = { device, text: `unique=${device.toString(16)}g` };
  return last.text;
}

/** The fact for each mode, of four octal digits. */
const MODE_TEXTS = Array.from(
  { length: 0o10000 },
  (_, mode) => `UNIX.mode=${mode.toString(8).padStart(4, '0')};`,
);

function typeFact(kind: FileFacts['kind'], options: MachineFactsOptions): string {
  if (kind === 'directory') return options.isListedDirectory ? 'cdir' : 'dir';
  return kind === 'file' ? 'file' : `OS.unix=${kind}`;
}
