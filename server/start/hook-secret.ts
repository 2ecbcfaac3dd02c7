import { readHookSecret } from './hook-files.ts';

/** The key that signs what URLs get, as its file had it at the start or the last reload. */
export class HookSecret {
  #key: string;

  /** @throws StartError that names the setting. */
  constructor(file: string | undefined) {
    this.#key = readHookSecret(file);
  }

  /** Empty without a file. */
  get key(): string {
    return this.#key;
  }

  /** Reads the key again. @throws StartError that names the setting; the key before stays. */
  reread(file: string | undefined): void {
    this.#key = readHookSecret(file);
  }
}
