import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { formatNumber, KIB, MIB } from './harness/format.ts';
import type { Bench, Question, Sample, Scale, Scenario } from './harness/question.ts';
import { downloadsPath, linkFile, makeOpenDirectory, writeFile } from './harness/served-files.ts';
import { StalledClient } from './harness/stalled-client.ts';

/** Clients before the first look, so that what the first ones load is not counted. */
const BASE_CLIENTS = 20;

/** Clients that come at the same time. */
const OPENERS = 8;

const BIG_FILE_BYTES = 64 * MIB;
const LARGE_DIRECTORY = '/large';

/** More than a server can hold back: commands whose replies are not read. */
const PIPELINED = 'HELP\r\n'.repeat(100_000);

/** What a client does before it stands still. */
interface Kind {
  readonly title: string;
  /** @returns false if the server does not know the command. */
  stall(client: StalledClient, index: number): Promise<boolean>;
}

const stranger: Kind = { title: 'a stranger before login', stall: async () => true };

const idle: Kind = {
  title: 'an idle client that is logged in',
  async stall(client) {
    await client.logIn();
    return true;
  },
};

const kinds: readonly Kind[] = [
  stranger,
  idle,
  withData('RETR of a large file, not read', () => 'RETR downloads/big'),
  withData('STOR that sends nothing', (index) => `STOR uploads/${index}`),
  withData('MLSD of a large directory, not read', () => `MLSD ${LARGE_DIRECTORY}`),
  withData('LIST of a large directory, not read', () => `LIST ${LARGE_DIRECTORY}`),
  unread('STAT of a large directory, not read', `STAT ${LARGE_DIRECTORY}\r\n`),
  unread('commands that are pipelined, replies not read', PIPELINED),
];

/** How much memory does a client take that stands still? */
export const memoryStalled: Question = question('memory-stalled', kinds, false);

/** The same where the control connection is encrypted. */
export const tlsMemoryStalled: Question = question('tls-memory-stalled', [idle], true);

function question(name: string, asked: readonly Kind[], isOverTls: boolean): Question {
  return {
    name,
    isOverTls,
    freshServerPer: 'round',
    warmUpRounds: 0,
    furnish,
    scenarios: (scale) => asked.map((kind) => scenario(kind, scale, isOverTls)),
  };
}

function furnish(bench: Bench): void {
  const { server, scale } = bench;
  linkFile(bench, join(downloadsPath(bench), 'big'), BIG_FILE_BYTES);
  makeOpenDirectory(join(server.plan.rootPath, 'uploads'));
  const path = makeOpenDirectory(join(server.plan.rootPath, LARGE_DIRECTORY));
  for (let i = 0; i < scale.stalled.entries; i++) {
    writeFile(join(path, `entry-${String(i).padStart(6, '0')}.dat`), 0);
  }
}

function scenario({ title, stall }: Kind, scale: Scale, isOverTls: boolean): Scenario {
  const { clients, entries } = scale.stalled;
  const large = `large directory (${formatNumber(entries, 0)} entries)`;
  return {
    title: `Memory for ${title.replace('large directory', large)} (PSS of all processes)`,
    better: 'less',
    columns: [
      { title: `KiB each, ${BASE_CLIENTS} to ${clients}`, fractionDigits: 1 },
      { title: `MiB at ${BASE_CLIENTS}`, fractionDigits: 1 },
      { title: `MiB at ${clients}`, fractionDigits: 1 },
    ],
    async measure(bench: Bench): Promise<Sample> {
      const crowd = new Crowd(bench, { isOverTls, stall });
      try {
        if (!(await crowd.growTo(BASE_CLIENTS))) return undefined;
        const before = await settledBytes(bench);
        await crowd.growTo(clients);
        const after = await settledBytes(bench);
        return [(after - before) / KIB / (clients - BASE_CLIENTS), before / MIB, after / MIB];
      } finally {
        crowd.leave();
      }
    },
  };
}

async function settledBytes(bench: Bench): Promise<number> {
  await delay(bench.scale.settleMs);
  return bench.server.memoryBytes();
}

/** Clients of one kind. */
class Crowd {
  readonly #bench: Bench;
  readonly #options: Pick<Kind, 'stall'> & { readonly isOverTls: boolean };
  readonly #clients: StalledClient[] = [];
  #next = 0;

  constructor(bench: Bench, options: Pick<Kind, 'stall'> & { readonly isOverTls: boolean }) {
    this.#bench = bench;
    this.#options = options;
  }

  /** @returns false if the server does not know what they ask for. */
  async growTo(count: number): Promise<boolean> {
    let isKnown = true;
    const open = async () => {
      while (this.#next < count) isKnown = (await this.#add(this.#next++)) && isKnown;
    };
    await Promise.all(Array.from({ length: OPENERS }, open));
    return isKnown;
  }

  leave(): void {
    for (const client of this.#clients) client.close();
  }

  async #add(index: number): Promise<boolean> {
    const { port, plan } = this.#bench.server;
    const client = await StalledClient.connect({ port, plan, isOverTls: this.#options.isOverTls });
    this.#clients.push(client);
    return this.#options.stall(client, index);
  }
}

function withData(title: string, line: (index: number) => string): Kind {
  return {
    title,
    async stall(client, index) {
      await client.logIn();
      return client.begin(line(index));
    },
  };
}

function unread(title: string, text: string): Kind {
  return {
    title,
    async stall(client) {
      await client.logIn();
      client.send(text);
      return true;
    },
  };
}
