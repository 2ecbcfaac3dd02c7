import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from './client.ts';
import { median } from './format.ts';
import type { Programs } from './programs.ts';
import type { Bench, Question, Scale, Scenario } from './question.ts';
import { launch, type RunningServer } from './running-server.ts';
import type { Certificate, ServerKind } from './server-kind.ts';

/** With a server of its own each round is long, and hardly differs from the next. */
const MAX_FRESH_ROUNDS = 3;

/** An installed server that takes part. */
export interface Participant {
  readonly kind: ServerKind;
  readonly programPath: string;
  readonly version: string;
}

/** What a server's rounds came to: numbers per round and column, or why there are none. */
export type Outcome =
  | { readonly kind: 'measured'; readonly rounds: readonly (readonly number[])[] }
  | { readonly kind: 'not supported' }
  | { readonly kind: 'failed'; readonly message: string };

export interface ScenarioReport {
  readonly scenario: Scenario;
  readonly outcomes: ReadonlyMap<string, Outcome>;
}

export interface RunOptions {
  readonly participants: readonly Participant[];
  readonly programs: Programs;
  /** For questions over TLS. */
  readonly certificate: Certificate | undefined;
  readonly scale: Scale;
  readonly rounds: number;
  readonly sourcesPath: string;
  /** Where servers get directories of their own. */
  readonly parentPath: string;
  /** Told of everything that must be ended on a sudden way out. */
  readonly onStarted: (started: { stopSoon(): void }) => void;
  readonly onProgress: (text: string) => void;
}

/** Medians of a server's columns. */
export function medians(rounds: readonly (readonly number[])[]): number[] {
  const columns = rounds[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, column) =>
    median(rounds.map((round) => round[column] ?? Number.NaN)),
  );
}

/** Asks one question of all servers: scenario after scenario, in each the servers in turns. */
export async function* runQuestion(
  question: Question,
  options: RunOptions,
): AsyncGenerator<ScenarioReport> {
  const stage = new Stage(question, options);
  try {
    for (const scenario of question.scenarios(options.scale)) {
      yield { scenario, outcomes: await runScenario(scenario, stage, options) };
    }
  } finally {
    await stage.clear();
  }
}

async function runScenario(
  scenario: Scenario,
  stage: Stage,
  options: RunOptions,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>(
    options.participants.map(({ kind }) => [kind.name, { kind: 'measured', rounds: [] }]),
  );
  const rounds = stage.isFreshPerRound
    ? Math.min(options.rounds, MAX_FRESH_ROUNDS)
    : options.rounds;
  const warmUpRounds = rounds === 1 ? 0 : stage.warmUpRounds;
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const participant of inTurn(options.participants, round + warmUpRounds)) {
      const { name } = participant.kind;
      const before = outcomes.get(name);
      if (before?.kind !== 'measured') continue;
      options.onProgress(`${scenario.title}: ${name}, ${describeRound(round, rounds)}`);
      const outcome = await stage.perform(participant, scenario);
      if (outcome.kind !== 'measured') outcomes.set(name, outcome);
      else if (round >= 0) {
        outcomes.set(name, { ...before, rounds: [...before.rounds, ...outcome.rounds] });
      }
    }
  }
  return outcomes;
}

function describeRound(round: number, rounds: number): string {
  return round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`;
}

/** Each round starts with another server, so that none always follows the same one. */
function inTurn<T>(all: readonly T[], round: number): T[] {
  const first = round % Math.max(all.length, 1);
  return [...all.slice(first), ...all.slice(0, first)];
}

/** The servers of one question, started when they are first needed. */
class Stage {
  readonly #question: Question;
  readonly #options: RunOptions;
  readonly #benches = new Map<string, Bench>();

  constructor(question: Question, options: RunOptions) {
    this.#question = question;
    this.#options = options;
  }

  get isFreshPerRound(): boolean {
    return this.#question.freshServerPer === 'round';
  }

  get warmUpRounds(): number {
    return this.#question.warmUpRounds;
  }

  async perform(participant: Participant, scenario: Scenario): Promise<Outcome> {
    try {
      const bench = this.#benches.get(participant.kind.name) ?? (await this.#start(participant));
      const sample = await scenario.measure(bench);
      if (this.isFreshPerRound) await this.clear();
      return sample === undefined
        ? { kind: 'not supported' }
        : { kind: 'measured', rounds: [sample] };
    } catch (error) {
      await this.#remove(participant.kind.name);
      return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Ends the servers and frees what they served. */
  async clear(): Promise<void> {
    for (const name of [...this.#benches.keys()]) await this.#remove(name);
  }

  async #start({ kind, programPath }: Participant): Promise<Bench> {
    const { programs, parentPath, scale, sourcesPath, onStarted } = this.#options;
    const certificate = this.#question.isOverTls ? this.#options.certificate : undefined;
    const server = await launch({
      kind,
      programPath,
      supervisePath: programs.supervise,
      parentPath: this.#directoryFor(kind.name, parentPath),
      certificate,
      onStarted,
    });
    const bench: Bench = {
      scale,
      server,
      certificate,
      sourcesPath,
      startClient: (...args) => this.#startProgram('client', server, args),
      startFlood: (...args) => this.#startProgram('flood', server, args),
    };
    this.#benches.set(kind.name, bench);
    this.#question.furnish(bench);
    return bench;
  }

  #startProgram(
    program: 'client' | 'flood',
    server: RunningServer,
    args: readonly (string | number)[],
  ): Client {
    const client = new Client({
      clientPath: this.#options.programs[program],
      server,
      isOverTls: this.#question.isOverTls,
      args: args.map(String),
    });
    this.#options.onStarted(client);
    return client;
  }

  #directoryFor(name: string, parentPath: string): string {
    const path = join(parentPath, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  async #remove(name: string): Promise<void> {
    await this.#benches.get(name)?.server.stop();
    this.#benches.delete(name);
    rmSync(join(this.#options.parentPath, name), { recursive: true, force: true });
  }
}
