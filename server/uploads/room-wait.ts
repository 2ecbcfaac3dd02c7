/** Time that an upload waits for room after it was aborted. Usually a millisecond is enough. */
const AFTER_ABORT_MS = 1000;

/** Sets the callback for an abort, in place of the one before. */
export type OnAbort = (callback: (reason: Error) => void) => void;

interface Abort {
  readonly reason: Error;
  readonly deadlineMs: number;
}

/**
 * Waits for room in the quota on behalf of an upload. A database that another process has locked can hold that up for long;
 * an abort ends the wait.
 */
export class RoomWait {
  #aborted: Abort | undefined;
  #giveUp: ((abort: Abort) => void) | undefined;

  /** The upload was aborted. What has arrived is still written if there is room for it soon. */
  abort(reason: Error): void {
    this.#aborted ??= { reason, deadlineMs: performance.now() + AFTER_ABORT_MS };
    this.#giveUp?.(this.#aborted);
  }

  /**
   * Waits for `room`. One wait at a time.
   *
   * @param returnRoom gives back room that comes after the wait has ended.
   * @throws the reason of the abort.
   */
  async until<Room>(room: Promise<Room>, returnRoom: () => void): Promise<Room> {
    let timer: NodeJS.Timeout | undefined;
    let isSettled = false;
    const given = new Promise<Room>((resolve, reject) => {
      room.then((result) => (isSettled ? returnRoom() : resolve(result)), reject);
      this.#giveUp = ({ reason, deadlineMs }) => {
        timer ??= setTimeout(() => {
          isSettled = true;
          reject(reason);
        }, deadlineMs - performance.now());
      };
    });
    if (this.#aborted !== undefined) this.#giveUp?.(this.#aborted);
    try {
      return await given;
    } finally {
      clearTimeout(timer);
      this.#giveUp = undefined;
    }
  }
}
