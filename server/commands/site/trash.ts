import { describeSize } from '../../config/units.ts';
import type { Command } from '../../contract/command.ts';
import { type Reply, reply } from '../../contract/reply.ts';
import type { SessionContext } from '../../contract/session-context.ts';
import { ArgumentError } from '../../errors/errors.ts';
import { lineName } from '../../listing/line-name.ts';
import { machineTime } from '../../listing/machine-time.ts';
import { inBatches } from '../../scheduling/in-batches.ts';
import type { TrashItem } from '../../trash/trash-item.ts';

/** SITE TRASH: what the account has deleted or overwritten and can get back, with its id and until when it is kept. */
export const trash: Command = {
  verb: 'TRASH',
  argument: 'optional',
  syntax: 'SITE TRASH [<SP> RESTORE <SP> id [<SP> pathname] | <SP> DROP <SP> id | <SP> EMPTY]',
  summary: 'list, restore or drop deleted files',
  features: () => ['SITE TRASH'],
  handle(session, argument) {
    const [, verb = '', id, pathname] = /^(\S+)(?: (\S+)(?: (.+))?)?$/.exec(argument) ?? [];
    if (argument.trim() === '') return list(session);
    if (/^restore$/i.test(verb) && id !== undefined) return restore(session, id, pathname);
    if (/^drop$/i.test(verb) && id !== undefined && pathname === undefined)
      return drop(session, id);
    if (/^empty$/i.test(verb) && id === undefined) return empty(session);
    throw new ArgumentError(`Syntax: ${trash.syntax}`);
  },
};

async function restore(session: SessionContext, id: string, pathname?: string): Promise<Reply> {
  const path = await session.files.kept.restoreDeleted(id, pathname);
  return reply(250, `${lineName(path)} restored.`);
}

async function drop(session: SessionContext, id: string): Promise<Reply> {
  const { path } = await session.files.kept.dropDeleted(id);
  return reply(250, `${lineName(path)} dropped from the trash.`);
}

async function empty(session: SessionContext): Promise<Reply> {
  const { items, bytes } = await session.files.kept.emptyTrash();
  return reply(
    250,
    `Trash emptied: ${itemsText(items)} (${describeSize(bytes)}) deleted for good.`,
  );
}

async function list(session: SessionContext): Promise<Reply> {
  const storage = session.files.writable;
  if (storage === undefined) return reply(213, 'This account can only read and has no trash.');
  const { trash: kept } = storage.space;
  const items = session.files.kept.deletedItems.toReversed();
  if (items.length > 0) return sendLines(session, items);
  return reply(213, kept.isOn ? 'The trash is empty.' : 'Deleted files are not kept.');
}

/** Sends the lines a batch at a time, and waits for its reader, as SITE PARTIALS does. */
async function sendLines(session: SessionContext, items: readonly TrashItem[]): Promise<Reply> {
  let heading = '213-Deleted files, the last one first:\r\n';
  try {
    await session.abortable(async (signal) => {
      for await (const batch of inBatches(items)) {
        const lines = batch.map((item) => ` ${lineOf(item)}\r\n`);
        await session.control.sendText(heading + lines.join(''));
        heading = '';
        signal.throwIfAborted();
      }
    });
  } catch (error) {
    if (heading !== '') throw error;
    return reply(213, 'List incomplete.');
  }
  return reply(213, 'End.');
}

/**
 * Facts in the form of MLST: the type, the size, the times at which the item was deleted and at which it goes for good.
 * `X.replaced` marks files whose name another file has got.
 */
function lineOf({ id, path, kind, reason, ...item }: TrashItem): string {
  const type = { file: 'file', directory: 'dir', other: 'OS.unix=other' }[kind];
  const times = `X.deleted=${machineTime(item.deletedAtMs)};X.expires=${machineTime(item.expiresAtMs)};`;
  const replaced = reason === 'replaced' ? 'X.replaced=1;' : '';
  return `type=${type};size=${item.sizeBytes};${times}${replaced}X.id=${id}; ${lineName(path)}`;
}

function itemsText(items: number): string {
  return items === 1 ? '1 item' : `${items} items`;
}
