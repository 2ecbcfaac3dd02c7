import type { Command } from '../../contract/command.ts';
import { type Reply, reply } from '../../contract/reply.ts';
import type { SessionContext } from '../../contract/session-context.ts';
import { lstat } from '../../disk/disk.ts';
import { ArgumentError } from '../../errors/errors.ts';
import { machineTime } from '../../listing/machine-time.ts';
import { inBatches } from '../../scheduling/in-batches.ts';
import { smallest } from '../../scheduling/smallest.ts';
import type { PartialUpload } from '../../uploads/partial-upload.ts';
import type { WritableStorage } from '../../uploads/user-storage.ts';

/** Only accounts from before there was a limit of partials can have more. */
const MAX_LISTED = 10_000;

/**
 * SITE PARTIALS: the uploads that were cut, with what has come of each and until when it is kept. By their ids, those
 * that have lost their name can be reached, too.
 */
export const partials: Command = {
  verb: 'PARTIALS',
  argument: 'optional',
  syntax: 'SITE PARTIALS [<SP> DROP <SP> id | <SP> RECOVER <SP> id <SP> pathname]',
  summary: 'list, drop or recover cut uploads',
  features: () => ['SITE PARTIALS'],
  handle(session, argument) {
    const [, verb = '', id = '', pathname] = /^(\S+)(?: (\S+)(?: (.+))?)?$/.exec(argument) ?? [];
    if (argument.trim() === '') return list(session);
    if (/^drop$/i.test(verb) && id !== '' && pathname === undefined) return drop(session, id);
    if (/^recover$/i.test(verb) && pathname !== undefined) return recover(session, id, pathname);
    throw new ArgumentError(`Syntax: ${partials.syntax}`);
  },
};

async function drop(session: SessionContext, id: string): Promise<Reply> {
  const { path } = await session.files.kept.dropPartial(id);
  return reply(250, `Partial upload of ${path} dropped.`);
}

async function recover(session: SessionContext, id: string, pathname: string): Promise<Reply> {
  const path = await session.files.kept.recoverPartial(id, pathname);
  return reply(250, `Partial upload recovered as ${path}; resume it with REST or APPE.`);
}

async function list(session: SessionContext): Promise<Reply> {
  const storage = session.files.writable;
  if (storage === undefined) {
    return reply(213, 'This account can only read and has no partial uploads.');
  }
  const listed = listedPartials(session, storage);
  const sorted = await smallest(listed, { count: MAX_LISTED, compare: byPath });
  if (sorted.length === 0) return reply(213, 'No partial uploads.');
  const others = Math.max(storage.partials.count - MAX_LISTED, 0);
  return sendLines({ session, storage, sorted }, others > 0 ? `There are ${others} more.` : 'End.');
}

/** Where a client cannot see files, it does not see its partials. */
function* listedPartials({ files }: SessionContext, storage: WritableStorage) {
  for (const partial of storage.partials.values()) if (files.kept.lists(partial)) yield partial;
}

function byPath(one: PartialUpload, other: PartialUpload): number {
  if (one.path === other.path) return one.beginNumber - other.beginNumber;
  return one.path < other.path ? -1 : 1;
}

interface PartialList {
  readonly session: SessionContext;
  readonly storage: WritableStorage;
  readonly sorted: readonly PartialUpload[];
}

/**
 * Sends the lines a batch at a time, and waits for its reader: what is not sent yet is no text in memory. Nothing is
 * sent before the first batch, so that a failure until then has its own reply.
 */
async function sendLines({ session, storage, sorted }: PartialList, last: string): Promise<Reply> {
  const { keepPartialsMs } = session.services.settings;
  let hasBegun = false;
  try {
    await session.abortable(async (signal) => {
      for await (const batch of inBatches(sorted)) {
        let text = hasBegun ? '' : '213-Partial uploads:\r\n';
        for (const partial of batch)
          text += ` ${await lineOf(partial, storage, keepPartialsMs)} ${session.files.shown(partial.path)}\r\n`;
        hasBegun = true;
        await session.control.sendText(text);
        signal.throwIfAborted();
      }
    });
  } catch (error) {
    if (!hasBegun) throw error;
    return reply(213, 'List incomplete.');
  }
  return reply(213, last);
}

/** The facts of a partial. */
async function lineOf(
  partial: PartialUpload,
  storage: WritableStorage,
  keepPartialsMs: number,
): Promise<string> {
  const staged = await lstat(partial.diskPath);
  const workedOnMs = storage.partials.workedOnMs(partial, staged);
  const isKept = keepPartialsMs === 0 || storage.partials.isClaimed(partial);
  return partialFacts({
    partial: { ...partial, cutAtMs: workedOnMs },
    isShown: await storage.isShown(partial),
    sizeBytes: staged?.isFile() ? staged.size : 0,
    expiresMs: isKept ? undefined : workedOnMs + keepPartialsMs,
  });
}

/**
 * Facts in the form of MLST: the size, the times of the last work and of the start, and the expiry. `X.shown` marks
 * partials that are visible under their name.
 */
function partialFacts({
  partial: { id, createdAtMs, cutAtMs },
  isShown,
  sizeBytes,
  expiresMs,
}: {
  readonly partial: PartialUpload;
  readonly isShown: boolean;
  readonly sizeBytes: number;
  readonly expiresMs: number | undefined;
}): string {
  const expiry = expiresMs === undefined ? '' : `X.expires=${machineTime(expiresMs)};`;
  const times = `modify=${machineTime(cutAtMs)};create=${machineTime(createdAtMs)};`;
  return `size=${sizeBytes};${times}${expiry}${isShown ? 'X.shown=1;' : ''}X.id=${id};`;
}
