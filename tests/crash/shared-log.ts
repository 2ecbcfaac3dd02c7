import type { CrashClient } from './crash-client.ts';

export const LOG = '/shared/log';

/** Above the size up to which the server copies a file to append to it. */
const LARGE_BASE_BYTES = 1_200_000;

/** A log to which all clients of an account append at the same time: a line that was confirmed is in it, once. */
export class SharedLog {
  #base: string | undefined;
  readonly #lines = new Map<string, 'under way' | 'confirmed' | 'lost'>();
  #count = 0;

  get exists(): boolean {
    return this.#base !== undefined;
  }

  /** A line that no other equals. */
  newLine(sizeBytes: number): string {
    this.#count += 1;
    const line = `${this.#count}:${'x'.repeat(sizeBytes)}\n`;
    this.#lines.set(line, 'under way');
    return line;
  }

  end(line: string, state: 'confirmed' | 'refused' | 'lost'): void {
    if (state === 'refused') this.#lines.delete(line);
    else this.#lines.set(line, state);
  }

  /** What is wrong with the file; undefined if nothing is. */
  compare(found: Buffer | undefined): string | undefined {
    if (this.#base === undefined) return undefined;
    const text = String(found);
    if (!text.startsWith(this.#base)) return 'has lost what it began with';
    const lines = text.slice(this.#base.length).split(/(?<=\n)/);
    if (text.length === this.#base.length) lines.length = 0;
    const unknown = lines.find((line) => !this.#lines.has(line));
    if (unknown !== undefined) return `has a line of ${unknown.length} bytes that nobody sent so`;
    if (new Set(lines).size < lines.length) return 'has a line twice';
    const seen = new Set(lines);
    for (const [line, state] of this.#lines) {
      if (state === 'confirmed' && !seen.has(line)) return 'lacks a line that was confirmed';
    }
    return undefined;
  }

  /** Begins anew, small or large. */
  async reset(client: CrashClient): Promise<void> {
    const base = client.random.chance(0.5) ? `0:${'x'.repeat(LARGE_BASE_BYTES)}\n` : '0:\n';
    const { closing } = await client.control.store(`STOR ${LOG}`, base);
    this.#base = closing.code === 226 ? base : undefined;
    if (closing.code !== 226) await client.command(`DELE ${LOG}`);
    this.#lines.clear();
  }
}

export async function appendToLog(client: CrashClient): Promise<void> {
  const { log, random, tally } = client;
  if (!log.exists) return;
  const line = log.newLine(random.below(random.chance(0.8) ? 200 : 60_000));
  let state: 'confirmed' | 'refused' | 'lost' = 'lost';
  try {
    const data = await client.openData();
    const opening = await client.command(`APPE ${LOG}`);
    if (opening.code !== 150) {
      state = 'refused';
      client.complain(`APPE ${LOG}`, opening);
      return;
    }
    data.end(line);
    const closing = await client.reply();
    state = closing.code === 226 ? 'confirmed' : 'refused';
    if (state === 'refused' && closing.code !== 552) client.complain(`APPE ${LOG}`, closing);
    if (state === 'confirmed') tally.add('lines appended to logs');
  } finally {
    log.end(line, state);
  }
}
