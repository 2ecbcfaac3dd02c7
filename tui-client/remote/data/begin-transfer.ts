import type { ControlConnection } from '../connection/control-connection.ts';
import { isRefusal, type Reply } from '../connection/reply.ts';
import { failureForReply } from '../remote-failure.ts';
import { BlockConnection } from './block-connection.ts';
import type { DataConnection } from './data-connection.ts';
import { dataTarget } from './data-target.ts';
import { openPassive } from './open-passive.ts';
import type { Receiver } from './receiver.ts';
import { StreamConnection } from './stream-connection.ts';

/** From here on a data connection for the file alone costs little beside the file. */
const IN_BLOCKS_BYTES = 256 * 1024;

interface Companion {
  readonly command: string;
  onReply(reply: Reply): void;
}

export interface TransferPlan {
  /** As `RETR name`. */
  readonly command: string;
  /** A command before it, as `ALLO 5`, whose refusal for want of room is a refusal of the transfer. */
  readonly announcement?: string | undefined;
  /** A command that is sent together with it. The transfer does not depend on its reply. */
  readonly companion?: Companion | undefined;
  /** What the file has, as far as it is known: what is small goes together with other small files (MODE B). */
  readonly sizeBytes?: number | undefined;
  readonly offsetBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Of a download or listing. */
  readonly receiver?: Receiver;
  /** Called when the data connection exists. */
  readonly onConnected?: (data: DataConnection) => void;
  /** Moves the octets of an upload, and ends the connection. */
  readonly send?: (data: DataConnection) => Promise<void>;
  /** Whether it is this side that the other waits for. */
  readonly isOurTurn: () => boolean;
  readonly stallMs?: number | undefined;
  /**
   * How long to wait for the first octet once the server has confirmed the transfer. After that the transfer ends well,
   * but the receiver has not ended. Without it the connection has to end.
   */
  readonly silenceMs?: number;
  readonly purpose?: string;
}

/** Sends the command of a transfer, and what goes before it. Gives the data connection, open or opening. */
export async function beginTransfer(
  control: ControlConnection,
  plan: TransferPlan,
): Promise<DataConnection> {
  plan.signal?.throwIfAborted();
  // Of an upload that was aborted before it began; the server would hold this one to it.
  if (control.hasDeclared) await control.ask('ALLO 0');
  control.hasDeclared = false;
  if (control.hasRestart) await control.ask('REST 0');
  control.hasRestart = false;
  return (await openBlocks(control, plan)) ?? openStream(control, plan);
}

/**
 * Begins a transfer over the data connection of the one before, if both are in blocks. Undefined if this one is
 * not to be, or the server does not know MODE B.
 */
async function openBlocks(
  control: ControlConnection,
  plan: TransferPlan,
): Promise<DataConnection | undefined> {
  const { signal, sizeBytes = Infinity, offsetBytes = 0, receiver } = plan;
  if (!control.isMyFtp || sizeBytes > IN_BLOCKS_BYTES || offsetBytes > 0) return undefined;
  // Not to be aborted: otherwise the mode would be unknown.
  if (control.mode === 'S') control.mode = isRefusal(await control.ask('MODE B')) ? 'S only' : 'B';
  if (control.mode === 'S only') return undefined;
  let { blocks } = control;
  if (blocks?.isFresh !== true) {
    blocks?.destroy();
    const connect = async (port: number) =>
      new BlockConnection(control, await dataTarget(control, port, signal));
    blocks = await openPassive(control, { signal, connect });
    control.blocks = blocks;
  }
  if (receiver !== undefined) blocks.receive(receiver);
  try {
    control.dropUnread();
    control.send(...commandsOf(plan));
    return blocks;
  } catch (error) {
    blocks.destroy();
    throw error;
  }
}

async function openStream(control: ControlConnection, plan: TransferPlan): Promise<DataConnection> {
  const { signal, receiver, offsetBytes = 0, announcement, purpose } = plan;
  if (control.mode === 'B') {
    control.blocks?.destroy();
    await control.command('MODE S');
    control.mode = 'S';
  }
  if (announcement !== undefined) {
    control.hasDeclared = true;
    requireRoom(await control.ask(announcement, { signal }), purpose);
  }
  const data = await StreamConnection.open(control, { signal, receiver });
  try {
    if (offsetBytes > 0) {
      const options = { signal, purpose: 'The server cannot resume' };
      await control.command(`REST ${offsetBytes}`, options);
      control.hasRestart = true;
    }
    signal?.throwIfAborted();
    control.send(...commandsOf(plan));
    control.hasDeclared = false;
    return data;
  } catch (error) {
    data.destroy();
    throw error;
  }
}

function commandsOf({ companion, command }: TransferPlan): readonly string[] {
  return companion === undefined ? [command] : [companion.command, command];
}

function requireRoom(reply: Reply, purpose: string | undefined): void {
  if (reply.code === 552 || reply.code === 452) throw failureForReply(reply, purpose);
}
