import { type Entry, joinPath } from '../../files/place.ts';
import type { ControlConnection } from '../connection/control-connection.ts';
import { isRefusal } from '../connection/reply.ts';
import { parseMachineTime } from './machine-time.ts';
import type { ServerClock } from './server-clock.ts';

type Batch = readonly Entry[];

/** Keeps the entries of a session's first LIST back until MDTM of one of them has shown the server's time zone. */
export class ClockSample {
  readonly #held: Entry[] = [];

  /** Gives the entries that can be handed out now, with times in UTC. */
  add(batch: Batch, clock: ServerClock): Batch {
    if (!clock.wantsSample) return batch.map((entry) => inUtc(entry, clock));
    for (const entry of batch) this.#held.push(entry);
    return [];
  }

  /** Gives those that were kept back, after the listing of their directory. */
  async settle(control: ControlConnection, directory: string, signal: AbortSignal): Promise<Batch> {
    const sample = this.#held.find(isSample);
    if (sample?.approximateTime !== undefined && control.clock.wantsSample) {
      const reply = await control.ask(`MDTM ${joinPath(directory, sample.name)}`, { signal });
      const modifiedMs = isRefusal(reply) ? undefined : parseMachineTime(reply.text.slice(4));
      control.clock.learn(sample.approximateTime, modifiedMs);
    }
    return this.#held.splice(0).map((entry) => inUtc(entry, control.clock));
  }
}

function inUtc(entry: Entry, clock: ServerClock): Entry {
  const { approximateTime } = entry;
  if (approximateTime === undefined) return entry;
  return { ...entry, approximateTime: clock.inUtc(approximateTime) };
}

function isSample({ kind, approximateTime }: Entry): boolean {
  return kind === 'file' && approximateTime?.precision === 'minute';
}
