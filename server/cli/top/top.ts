import { type CommandContext, UsageError } from '../command-context.ts';
import { askForActivity, endSession } from '../session-requests.ts';
import { FullScreen } from './full-screen.ts';
import { activityBetween, type Sample } from './top-samples.ts';
import { afterKey, INITIAL_STATE, type TopState, withActivity } from './top-state.ts';
import { screenLines } from './top-view.ts';

const SAMPLE_EVERY_MS = 1000;

const ENDING_SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'];

interface TopRequest {
  readonly context: CommandContext;
  readonly settings: { readonly dataDir: string };
}

/**
 * `myftp-server top`: shows the sessions of the server that runs, until a key ends it.
 *
 * @throws CommandError if no server answers at the beginning.
 * @throws UsageError without a terminal.
 */
export async function top({ context, settings }: TopRequest): Promise<void> {
  const { stdin, stdout } = context;
  if (stdin.isTTY !== true || !('isTTY' in stdout) || stdout.isTTY !== true)
    throw new UsageError('top needs a terminal; who --json is for programs.');
  const { dataDir } = settings;
  await new Top(context, dataDir, await sample(dataDir)).run();
}

async function sample(dataDir: string): Promise<Sample> {
  return { ...(await askForActivity(dataDir)), atMs: performance.now() };
}

/** The running command: asks the server each second, and draws what has changed. */
class Top {
  readonly #context: CommandContext;
  readonly #dataDir: string;
  #last: Sample;
  #state: TopState;
  /** The server does not answer. */
  #isLost = false;
  #screen: FullScreen | undefined;
  readonly #quit = Promise.withResolvers<void>();

  constructor(context: CommandContext, dataDir: string, first: Sample) {
    this.#context = context;
    this.#dataDir = dataDir;
    this.#last = first;
    this.#state = withActivity(INITIAL_STATE, activityBetween(undefined, first));
  }

  async run(): Promise<void> {
    const quit = () => this.#quit.resolve();
    for (const signal of ENDING_SIGNALS) this.#context.signals.on(signal, quit);
    this.#screen = new FullScreen({
      context: this.#context,
      onKey: (key) => this.#pressed(key),
      onResize: () => this.#draw(),
    });
    let timer: NodeJS.Timeout | undefined;
    const look = async () => {
      await this.#look();
      timer = setTimeout(() => void look(), SAMPLE_EVERY_MS);
    };
    timer = setTimeout(() => void look(), SAMPLE_EVERY_MS);
    try {
      this.#draw();
      await this.#quit.promise;
    } finally {
      clearTimeout(timer);
      this.#screen.close();
      this.#screen = undefined;
      for (const signal of ENDING_SIGNALS) this.#context.signals.off(signal, quit);
    }
  }

  #pressed(key: string): void {
    const [state, effect] = afterKey(this.#state, key);
    this.#state = state;
    if (effect === 'quit') this.#quit.resolve();
    else if (effect !== undefined) void this.#kick(effect.kick);
    this.#draw();
  }

  /** A server that does not answer may be restarting: the screen says so, and asks again. */
  async #look(): Promise<void> {
    try {
      const now = await sample(this.#dataDir);
      this.#state = withActivity(this.#state, activityBetween(this.#last, now));
      this.#last = now;
      if (this.#isLost) this.#state = { ...this.#state, notice: undefined };
      this.#isLost = false;
    } catch (error) {
      this.#isLost = true;
      this.#notify(error instanceof Error ? error.message : String(error));
    }
    this.#draw();
  }

  async #kick(id: string): Promise<void> {
    try {
      const ended = await endSession(this.#dataDir, id);
      this.#notify(ended === 0 ? 'The session has ended already.' : 'Session ended.');
    } catch (error) {
      this.#notify(error instanceof Error ? error.message : String(error));
    }
    await this.#look();
  }

  #notify(notice: string): void {
    this.#state = { ...this.#state, notice };
  }

  #draw(): void {
    const screen = this.#screen;
    if (screen !== undefined) screen.draw(screenLines(this.#state, screen.size));
  }
}
