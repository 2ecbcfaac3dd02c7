import type { AppContext, Using } from '../context/app-context.ts';
import type { Choice } from '../state/dialog.ts';
import { baseName, parentOf } from '../state/path-parts.ts';
import { counted, exactBytes, fullDate } from '../text/format.ts';
import type { Conflict, ConflictAnswer } from '../transfers/conflict.ts';
import { choicesIn } from './choices.ts';
import { compareChecksums } from './compare-checksums.ts';
import type { ChoiceQuestion } from './dialogs.ts';

const POLICIES: Readonly<Record<string, ConflictAnswer['policy']>> = {
  'conflict-overwrite': 'overwrite',
  'conflict-skip': 'skip',
  'conflict-keep-both': 'keep-both',
  'conflict-newer': 'newer',
  'conflict-resume': 'resume',
};

/** Asks what to do about a target that exists, with the facts of both. */
export async function askAboutConflict(
  app: AppContext,
  conflict: Conflict,
): Promise<ConflictAnswer> {
  const open = new AbortController();
  const lines = conflictLines(conflict);
  const show = (line: string) => {
    if (!open.signal.aborted) {
      app.dialogs.change({ type: 'linesChanged', lines: [...lines, line] });
    }
  };
  const compare = () => compareChecksums(app, conflict, { show, signal: open.signal });
  const chosen = await app.dialogs.choose(conflictDialog(app, conflict, lines), {
    onWanted: () => app.tasks.start(compare),
  });
  open.abort();
  if (chosen === undefined) return { policy: 'cancel', scope: 'this' };
  const policy = POLICIES[chosen.id] ?? 'skip';
  return { policy, scope: chosen.isChecked ? 'all' : 'this' };
}

function conflictDialog(
  app: Using<'ui' | 'keymap' | 'connection'>,
  conflict: Conflict,
  lines: readonly string[],
): ChoiceQuestion {
  const { job } = conflict;
  const others = app.ui.get().queue.totals.waiting;
  return {
    topic: 'conflict',
    title: `${baseName(job.to)} exists in ${parentOf(job.to)}`,
    lines,
    choices: conflictChoices(app, conflict),
    escape: 'cancel this transfer',
    check: {
      keys: forAllKeys(app),
      label:
        others > 0
          ? `for all other conflicts (${counted(others, 'file')} waiting)`
          : 'for all other conflicts',
      isChecked: false,
    },
  };
}

/** What can be done about this one. */
function conflictChoices(
  app: Using<'keymap' | 'connection'>,
  conflict: Conflict,
): readonly Choice[] {
  const { source, target, otherPath } = conflict;
  const isFile = target.kind !== 'directory';
  const hasTimes = source.modifiedMs !== undefined && target.modifiedMs !== undefined;
  const isPossible: Readonly<Record<string, boolean>> = {
    'conflict-overwrite': isFile,
    'conflict-newer': isFile && hasTimes,
    'conflict-resume': conflict.canResume,
    'conflict-compare':
      mayBeEqual(conflict) && app.connection.active?.session.algorithm !== undefined,
  };
  return choicesIn(app.keymap, 'conflict')
    .filter(({ id }) => isPossible[id] ?? id in POLICIES)
    .map((choice): Choice => {
      if (choice.id === 'conflict-compare') return { ...choice, stays: true };
      if (choice.id !== 'conflict-keep-both' || otherPath === undefined) return choice;
      return { ...choice, label: `${choice.label}; save the copy as ${baseName(otherPath)}` };
    });
}

function mayBeEqual({ source, target }: Conflict): boolean {
  if (target.kind !== 'file') return false;
  const areKnown = source.sizeBytes !== undefined && target.sizeBytes !== undefined;
  return !areKnown || source.sizeBytes === target.sizeBytes;
}

function forAllKeys(app: Using<'keymap'>): readonly string[] {
  const binding = app.keymap.bindings.find(({ action }) => action === 'conflict-for-all');
  return binding?.keys ?? ['space'];
}

function conflictLines(conflict: Conflict): readonly string[] {
  const { job, source, target, newer } = conflict;
  const isUpload = job.direction === 'upload';
  const targetSize = target.kind === 'directory' ? 'a directory' : sizeText(target.sizeBytes);
  const rows = [
    [isUpload ? 'local' : 'remote', sizeText(source.sizeBytes), timeText(source.modifiedMs)],
    [isUpload ? 'remote' : 'local', targetSize, timeText(target.modifiedMs)],
  ];
  const sizeWidth = Math.max(...rows.map(([, size = '']) => size.length));
  const [from = '', to = ''] = rows.map(
    ([side = '', size = '', time = '']) =>
      `${side.padEnd(6)}   ${size.padEnd(sizeWidth)}   ${time}`,
  );
  return [
    `${from}${newer === 'source' ? '   newer' : ''}   source`,
    `${to}${newer === 'target' ? '   newer' : ''}`,
    ...verdict(conflict),
  ];
}

function verdict({ source, target, sameness, canResume }: Conflict): readonly string[] {
  if (target.isPartial && canResume) {
    return ['The target is a partial upload; you can resume it.'];
  }
  if (sameness === 'same') return ['Same size and time: probably the same file.'];
  if (sameness === 'unknown') return ['Same size; one of the times is unknown.'];
  const isSameSize = source.sizeBytes !== undefined && source.sizeBytes === target.sizeBytes;
  return isSameSize ? ['Same size, different times.'] : [];
}

function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown size' : exactBytes(bytes);
}

function timeText(modifiedMs: number | undefined): string {
  return modifiedMs === undefined ? 'unknown time' : fullDate(modifiedMs);
}
