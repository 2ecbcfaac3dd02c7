/**
 * The one place that depends on how Ink draws. MyFTP uses Ink for components and layout; `Screen` writes to the terminal.
 *
 * Only public options are used, but their effect is described nowhere: in debug mode each write to `stdout` is one whole
 * frame, without cursor movements, and it is written before `render` returns. `ink-internals.test.tsx` checks that
 * against the pinned version.
 */
import { Writable } from 'node:stream';
import { render } from 'ink';
import type { ReactNode } from 'react';

export const INK_VERSION = '8.0.0';

/** Where whole frames go. */
export interface FrameTarget {
  readonly columns: number;
  readonly rows: number;
  write(frame: string): unknown;
}

/** A tree of components that is drawn whenever it changes. */
export interface DrawnTree {
  rerender(node: ReactNode): void;
  /** Ends the components. The last frame stays. */
  unmount(): void;
  /** Rejects when a component throws; Ink has ended the components then. */
  readonly ended: Promise<unknown>;
}

/**
 * Draws components, frame by frame.
 *
 * @throws Error if Ink draws in another way than the version that MyFTP was written for.
 */
export function drawFrames(node: ReactNode, target: FrameTarget): DrawnTree {
  const frames = new FrameStream(target);
  const app = render(node, {
    stdout: frames,
    debug: true,
    interactive: false,
    patchConsole: false,
    exitOnCtrlC: false,
    isScreenReaderEnabled: false,
  });
  if (!frames.hasFrame) {
    throw new Error(`Ink does not draw as version ${INK_VERSION} does: no frame was written.`);
  }
  return {
    rerender: (next) => app.rerender(next),
    unmount() {
      frames.stop();
      app.unmount();
    },
    ended: app.waitUntilExit(),
  };
}

/** Stands in for stdout. */
class FrameStream extends Writable {
  readonly #target: FrameTarget;
  #hasFrame = false;
  #isStopped = false;

  constructor(target: FrameTarget) {
    super({ decodeStrings: false });
    this.#target = target;
  }

  get columns(): number {
    return this.#target.columns;
  }

  get rows(): number {
    return this.#target.rows;
  }

  get hasFrame(): boolean {
    return this.#hasFrame;
  }

  /** What Ink writes from now on, such as a line end after the last frame, is no frame. */
  stop(): void {
    this.#isStopped = true;
  }

  override _write(frame: string, _encoding: string, onWritten: () => void): void {
    if (!this.#isStopped) {
      this.#hasFrame = true;
      this.#target.write(frame);
    }
    onWritten();
  }
}
