import { counted, shortBytes } from '../format.ts';
import { inPortions } from '../portions.ts';
import type { ChoiceSheet } from '../state/sheet.ts';
import { type MirrorPlan, planMirror } from '../transfers/mirror.ts';
import type { Desk, Online } from './desk.ts';
import { stopHint } from './leave.ts';
import { refreshDirectory } from './read-directory.ts';

/** So many lines of a plan are shown; the rest is counted. */
const MOST_LINES = 500;

/** Makes the other pane's directory like the active one's, after its plan was shown. */
export async function mirrorDirectory(desk: Desk): Promise<void> {
  const { online } = desk;
  if (online === undefined) return;
  const [from, to] = [desk.active.path, desk.other.path];
  const isUpload = desk.active.place === 'local';
  desk.tell('Comparing …');
  const plan = await desk.foreground.run((signal) =>
    planMirror({
      direction: isUpload ? 'upload' : 'download',
      local: desk.local,
      remotePlace: online.session.place,
      from,
      to,
      compareBy: 'size-and-time',
      extras: 'delete',
      signal,
      onCompared: (files) =>
        desk.tell(`Comparing: ${counted(files, 'file')} so far. ${stopHint(desk)}`),
    }),
  );
  desk.tell('');
  const isEqual = plan.makes.length + movesOf(plan).length + plan.deletions.length === 0;
  if (isEqual) {
    desk.tell(`Nothing to do: ${counted(plan.unchangedFiles, 'file')} are the same.`, 'good');
    return;
  }
  const chosen = await desk.sheets.choose(planSheet(plan, { from, to }));
  if (chosen === undefined) return;
  await carryOut(desk, online, { plan, deletes: chosen.id === 'delete' });
}

function planSheet(plan: MirrorPlan, { from, to }: { from: string; to: string }): ChoiceSheet {
  const moves = movesOf(plan).length;
  const canDelete = plan.deletions.length > 0;
  const copy = { id: 'copy', keys: ['c'], label: `copy ${counted(moves, 'file')}` };
  const both = {
    id: 'delete',
    keys: ['D'],
    label: `copy, and delete ${counted(plan.deletions.length, 'entry', 'entries')}`,
  };
  const hasToCopy = moves + plan.makes.length > 0;
  return {
    type: 'choice',
    topic: 'mirror',
    title: `Mirror ${from} to ${to}`,
    tone: canDelete ? 'danger' : 'calm',
    lines: planLines(plan),
    top: 0,
    choices: [...(hasToCopy ? [copy] : []), ...(canDelete ? [both] : [])],
    escape: 'change nothing',
    check: undefined,
  };
}

function planLines(plan: MirrorPlan): readonly string[] {
  // What would be lost is looked at first.
  const lines = [
    ...plan.deletions.map(({ path, kind }) => `- ${path}${kind === 'directory' ? '/' : ''}`),
    ...plan.copies.map(({ to }) => `+ ${to}`),
    ...plan.replacements.map(({ to }) => `> ${to}`),
    ...plan.makes.map((path) => `+ ${path}/`),
    ...plan.notes.map(({ path, text }) => `! ${path}: ${text}`),
  ];
  const more = lines.length - MOST_LINES;
  return [
    `${plan.copies.length} new, ${plan.replacements.length} changed, ${plan.unchangedFiles} the same; ${shortBytes(plan.moveBytes)} to move.`,
    `${counted(plan.deletions.length, 'entry', 'entries')} only at the target.`,
    ...lines.slice(0, MOST_LINES),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

async function carryOut(
  desk: Desk,
  online: Online,
  { plan, deletes }: { plan: MirrorPlan; deletes: boolean },
): Promise<void> {
  const side = plan.direction === 'upload' ? 'right' : 'left';
  const target = desk.placeOf(side);
  if (target === undefined) return;
  for (const path of plan.makes) await target.makeDirectory(path);
  const ids = new Set<string>();
  for await (const moves of inPortions(movesOf(plan))) {
    for (const id of online.queue.add(moves)) ids.add(id);
  }
  desk.tell(`${counted(ids.size, 'file')} in the queue.`);
  if (!deletes) return;
  // What took its place must be there first.
  await online.queue.idle();
  const { jobs } = online.queue.snapshot();
  const isLacking = jobs.some(({ id, state }) => ids.has(id) && state !== 'done');
  if (isLacking) {
    desk.tell('Nothing was deleted, because not all was copied.', 'bad');
    return;
  }
  for (const { path } of plan.deletions) await target.remove(path);
  await refreshDirectory(desk, side);
  desk.tell(`Mirrored; ${counted(plan.deletions.length, 'entry', 'entries')} deleted.`, 'good');
}

function movesOf(plan: MirrorPlan): MirrorPlan['copies'] {
  return [...plan.copies, ...plan.replacements];
}
