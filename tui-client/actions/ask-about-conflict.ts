import { counted, exactBytes, fullDate } from '../format.ts';
import { baseName, parentOf } from '../state/path-parts.ts';
import type { Conflict, ConflictAnswer } from '../transfers/conflict.ts';
import { choicesIn } from './choices.ts';
import type { Desk } from './desk.ts';

const POLICIES: Readonly<Record<string, ConflictAnswer['policy']>> = {
  'conflict-overwrite': 'overwrite',
  'conflict-skip': 'skip',
  'conflict-keep-both': 'keep-both',
  'conflict-newer': 'newer',
  'conflict-resume': 'resume',
};

/** Asks what to do about a target that exists, with the facts of both. */
export async function askAboutConflict(desk: Desk, conflict: Conflict): Promise<ConflictAnswer> {
  const { job } = conflict;
  const others = desk.store.get().queue.totals.waiting;
  const choices = choicesIn(desk.keymap, 'conflict').filter(
    ({ id }) => id in POLICIES && (id !== 'conflict-resume' || conflict.canResume),
  );
  const chosen = await desk.sheets.choose({
    type: 'choice',
    topic: 'conflict',
    title: `${baseName(job.to)} exists in ${parentOf(job.to)}`,
    tone: 'calm',
    lines: conflictLines(conflict),
    top: 0,
    choices,
    escape: 'take it out of the queue',
    check: {
      keys: forAllKeys(desk),
      label:
        others > 0
          ? `the same for the others (${counted(others, 'file')} waiting)`
          : 'the same for others that exist',
      isChecked: false,
    },
  });
  if (chosen === undefined) return { policy: 'cancel', scope: 'this' };
  const policy = POLICIES[chosen.id] ?? 'skip';
  return { policy, scope: chosen.isChecked ? 'all' : 'this' };
}

function forAllKeys(desk: Desk): readonly string[] {
  const binding = desk.keymap.bindings.find(({ action }) => action === 'conflict-for-all');
  return binding?.keys ?? ['space'];
}

function conflictLines({ job, source, target, canResume }: Conflict): readonly string[] {
  const isUpload = job.direction === 'upload';
  const sourceMs = source.modifiedMs;
  const targetMs = target.modifiedMs;
  const isNewer = (one: number | undefined, other: number | undefined) =>
    one !== undefined && other !== undefined && one > other ? '   newer' : '';
  const there = target.kind === 'directory' ? 'a directory' : sizeText(target.sizeBytes);
  const lines = [
    `${isUpload ? 'here ' : 'there'}   ${sizeText(source.sizeBytes)}   ${fullDate(sourceMs)}${isNewer(sourceMs, targetMs)}   will be copied`,
    `${isUpload ? 'there' : 'here '}   ${there}   ${fullDate(targetMs)}${isNewer(targetMs, sourceMs)}`,
  ];
  if (target.isPartial)
    lines.push('What is there is an upload that was cut: resume carries it on.');
  else if (!canResume) lines.push('What is there cannot be a beginning of it.');
  return lines;
}

function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? 'size not known' : exactBytes(bytes);
}
