interface Waiting {
  resolve(octets: Buffer | undefined): void;
  reject(error: unknown): void;
}

/**
 * Hands the octets of a download to an upload: one chunk at a time, so that the faster side waits for the slower.
 */
export class OctetPipe {
  #given: { readonly octets: Buffer; readonly onTaken: () => void } | undefined;
  #waiting: Waiting | undefined;
  #onTaken: (() => void) | undefined;
  #end: { readonly error: unknown } | 'ended' | undefined;
  #isLeft = false;

  /** Resolves when the octets are used and their buffer may be filled again, or at once if the upload has ended. */
  give(octets: Buffer): Promise<void> {
    if (this.#isLeft) return Promise.resolve();
    return new Promise((onTaken) => {
      this.#given = { octets, onTaken };
      this.#hand();
    });
  }

  end(): void {
    this.#end ??= 'ended';
    this.#hand();
  }

  fail(error: unknown): void {
    this.#end ??= { error };
    this.#hand();
  }

  /** The next chunk, which is valid until another is asked for; undefined at the end. */
  take(): Promise<Buffer | undefined> {
    this.#onTaken?.();
    this.#onTaken = undefined;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#hand();
    });
  }

  /** The upload takes nothing more. What is still given is dropped, so that the download can end. */
  leave(): void {
    this.#isLeft = true;
    this.#onTaken?.();
    this.#given?.onTaken();
    this.#given = undefined;
  }

  #hand(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || (this.#given === undefined && this.#end === undefined)) return;
    this.#waiting = undefined;
    if (this.#given !== undefined) {
      this.#onTaken = this.#given.onTaken;
      waiting.resolve(this.#given.octets);
      this.#given = undefined;
    } else if (this.#end === 'ended') waiting.resolve(undefined);
    else waiting.reject(this.#end?.error);
  }
}
