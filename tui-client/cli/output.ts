import { once } from 'node:events';
import { displayName } from '../text/format.ts';
import { Advice } from './advice.ts';
import type { CommandRequest } from './request.ts';
import { outputFailure } from './stop.ts';

/** What is on standard output as JSON, one object a line. */
export interface JsonLine {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Where a command puts its results and its remarks. */
export class Output {
  readonly isJson: boolean;
  readonly #request: CommandRequest;
  readonly #advice = new Advice();

  constructor(request: CommandRequest) {
    this.#request = request;
    this.isJson = request.options.json === true;
  }

  /** A result, as text or as JSON: whichever is wanted. */
  async result(text: () => string, json: () => JsonLine): Promise<void> {
    await this.text(this.isJson ? `${JSON.stringify(json())}\n` : text());
  }

  /** A line that only programs get. */
  async json(line: JsonLine): Promise<void> {
    if (this.isJson) await this.text(`${JSON.stringify(line)}\n`);
  }

  /** To standard output, not before it has room. */
  async text(text: string): Promise<void> {
    const { context, stop } = this.#request;
    stop.throwIfAborted();
    if (text !== '' && !context.stdout.write(text)) {
      await once(context.stdout, 'drain', { signal: stop });
    }
  }

  /** The same for a part of a file. Its buffer may be used again afterwards. */
  async octets(octets: Uint8Array): Promise<void> {
    const { context, stop } = this.#request;
    stop.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => reject(stop.reason);
      stop.addEventListener('abort', giveUp, { once: true });
      context.stdout.write(octets, (error) => {
        stop.removeEventListener('abort', giveUp);
        if (error) reject(outputFailure(error));
        else resolve();
      });
    });
  }

  /** A line for people, without waiting for room. */
  pushText(text: string): void {
    if (!this.isJson)
      this.#request.context.stdout.write(this.name(text.slice(0, -1)) + text.slice(-1));
  }

  /** A line for programs, without waiting for room. */
  pushJson(line: JsonLine): void {
    if (this.isJson) this.#request.context.stdout.write(`${JSON.stringify(line)}\n`);
  }

  /** Something worth knowing, unless the user wants quiet. */
  note(sentence: string): void {
    if (this.#request.options.quiet !== true) this.problem(sentence);
  }

  /** What was said to a server, or by it. */
  logLine(line: string): void {
    this.#request.context.stderr.write(`${displayName(line)}\n`);
  }

  /** Something that went wrong. */
  problem(sentence: string): void {
    this.#request.context.stderr.write(`myftp-tui: ${displayName(sentence)}\n`);
  }

  /** A line for a failure. Its advice waits until all failures have been reported. */
  failure({ message, ...failure }: Parameters<Advice['note']>[0] & { message: string }): void {
    this.problem(message);
    this.#advice.note(failure);
  }

  /** Writes the advice for the failures so far. */
  writeAdvice(): readonly string[] {
    const lines = this.#advice.take();
    for (const line of lines) this.problem(line);
    return lines;
  }

  /** A name as it is, or made safe if a terminal shows it. */
  name(name: string): string {
    return this.#request.context.stdout.isTTY === true ? displayName(name) : name;
  }
}
