import type { AppContext, Using } from '../context/app-context.ts';
import type { ActiveConnection } from '../context/connection.ts';
import type { ChoiceQuestion } from '../dialogs/dialogs.ts';
import { counted, shortBytes } from '../text/format.ts';
import { deletionProblem } from '../transfers/mirror/deletion-limit.ts';
import { planMirror } from '../transfers/mirror/mirror.ts';
import { type MirrorPlan, withFoldingNotes } from '../transfers/mirror/mirror-plan.ts';
import { runMirror } from '../transfers/mirror/run-mirror.ts';
import { stopHint } from './leave.ts';
import { refreshDirectory } from './read-directory.ts';

/** Number of lines of a plan that are shown; the rest is counted. */
const MAX_LINES = 500;

/** Makes the other pane's directory like the active one's, after its plan was shown. */
export async function mirrorDirectory(app: AppContext): Promise<void> {
  const { active: online } = app.connection;
  if (online === undefined) return;
  const [from, to] = [app.ui.activePane.path, app.ui.otherPane.path];
  const isUpload = app.ui.activePane.place === 'local';
  app.ui.notify('Comparing …');
  const known = app.services.known;
  const foldsNames = isUpload && (await known.foldsNames(online.session.site));
  const compared = await app.tasks.run((signal) =>
    planMirror({
      direction: isUpload ? 'upload' : 'download',
      source: isUpload ? app.places.local : online.session.place,
      target: isUpload ? online.session.place : app.places.local,
      from,
      to,
      compareBy: 'size-and-time',
      algorithm: online.session.algorithm,
      extras: 'delete',
      links: app.services.settings.links,
      signal,
      onCompared: (files) =>
        app.ui.notify(`Comparing: ${counted(files, 'file')} so far. ${stopHint(app)}`),
    }),
  );
  app.ui.notify('');
  const plan = foldsNames ? withFoldingNotes(compared) : compared;
  const changes = plan.makes.length + movesOf(plan).length + plan.deletions.length;
  if (changes + plan.problems.length === 0) {
    app.ui.notify(`Nothing to do: ${counted(plan.unchangedFiles, 'file')} unchanged.`, 'good');
    return;
  }
  const chosen = await app.dialogs.choose(planDialog(plan, { from, to }));
  if (chosen === undefined) return;
  const deletes = chosen.id === 'delete';
  if (deletes && !(await mayDelete(app, plan))) return;
  await carryOut(app, online, deletes ? plan : { ...plan, deletions: [] });
}

function planDialog(plan: MirrorPlan, { from, to }: { from: string; to: string }): ChoiceQuestion {
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
    topic: 'mirror',
    title: `Mirror ${from} to ${to}`,
    tone: canDelete ? 'danger' : 'calm',
    lines: planLines(plan),
    choices: [...(hasToCopy ? [copy] : []), ...(canDelete ? [both] : [])],
    escape: 'change nothing',
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
  const problems = plan.problems.map(({ message }) => `! ${message}`);
  const more = lines.length - MAX_LINES;
  return [
    `${plan.copies.length} new, ${plan.replacements.length} changed, ${plan.unchangedFiles} unchanged; ${shortBytes(plan.moveBytes)} to transfer.`,
    problems.length > 0
      ? 'Nothing will be deleted, because some entries could not be read:'
      : `${counted(plan.deletions.length, 'extra entry', 'extra entries')} at the target.`,
    ...problems.slice(0, MAX_LINES),
    ...lines.slice(0, MAX_LINES),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

/** A second key where most of the target would go. */
async function mayDelete(app: Using<'dialogs'>, plan: MirrorPlan): Promise<boolean> {
  const problem = deletionProblem(plan);
  if (problem === undefined) return true;
  const answer = await app.dialogs.choose({
    topic: 'mirror',
    title: 'Delete most of the target?',
    tone: 'danger',
    lines: [problem],
    choices: [{ id: 'delete', keys: ['A'], label: 'copy, and delete all of them' }],
    escape: 'change nothing',
  });
  return answer !== undefined;
}

async function carryOut(
  app: Using<'ui' | 'places' | 'services'>,
  online: ActiveConnection,
  plan: MirrorPlan,
): Promise<void> {
  const side = plan.direction === 'upload' ? 'right' : 'left';
  const target = app.places.of(side);
  if (target === undefined) return;
  const { failedFiles, deleted, failures, folded, nameFolding } = await runMirror(plan, {
    queue: online.queue,
    target,
    onQueued: (count) => app.ui.notify(`Queued ${counted(count, 'file')}.`),
  });
  if (side === 'right') await app.services.known.learn(online.session.site, nameFolding);
  await refreshDirectory(app, side);
  const [told] = [...folded, ...failures.map(({ message }) => message)];
  if (failedFiles > 0) app.ui.notify(notCopiedText(plan, failedFiles), 'bad');
  else if (told !== undefined) app.ui.notify(told, 'bad');
  else if (plan.problems.length > 0) app.ui.notify(unreadText(plan), 'bad');
  else app.ui.notify(`Mirrored; ${counted(deleted, 'entry', 'entries')} deleted.`, 'good');
}

function notCopiedText({ deletions }: MirrorPlan, failedFiles: number): string {
  const lacking = `${counted(failedFiles, 'file')} not copied.`;
  return deletions.length > 0
    ? `Nothing was deleted, because some files were not copied: ${lacking}`
    : lacking;
}

function unreadText({ problems: [first] }: MirrorPlan): string {
  return `Copied; some entries could not be read: ${first?.message ?? ''}`;
}

function movesOf(plan: MirrorPlan): MirrorPlan['copies'] {
  return [...plan.copies, ...plan.replacements];
}
