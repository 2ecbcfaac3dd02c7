import { Keyring } from './keyring.ts';
import { findInNetrc } from './netrc.ts';
import type { Account } from './site.ts';

interface SavedPasswordsOptions {
  /** Of `.netrc`. */
  readonly netrc: string;
  /** `none` if the settings say that the keyring is not to be used. */
  readonly keyring: Keyring | 'none';
  readonly warn: (sentence: string) => void;
}

/** Passwords that need not be asked for: from the system's keyring and from `.netrc`. */
export class SavedPasswords {
  readonly #netrc: string;
  readonly #keyring: Keyring | undefined;
  readonly #warn: (sentence: string) => void;

  constructor({ netrc, keyring, warn }: SavedPasswordsOptions) {
    this.#netrc = netrc;
    this.#keyring = keyring === 'none' ? undefined : keyring;
    this.#warn = warn;
  }

  /** Whether the settings allow to keep one; whether the system can is seen when it is tried. */
  get canKeep(): boolean {
    return this.#keyring !== undefined;
  }

  async find(account: Account): Promise<string | undefined> {
    return (await this.#keyring?.read(account)) ?? (await this.#findInNetrc(account));
  }

  /** False if it could not be kept. */
  async keep(account: Account, password: string): Promise<boolean> {
    return (await this.#keyring?.write(account, password)) ?? false;
  }

  async forget(account: Account): Promise<void> {
    await this.#keyring?.remove(account);
  }

  /** Puts a new password in the place of one that is kept. */
  async renew(account: Account, password: string): Promise<void> {
    if ((await this.#keyring?.read(account)) !== undefined) await this.keep(account, password);
  }

  async #findInNetrc({ host, username }: Account): Promise<string | undefined> {
    const found = await findInNetrc(this.#netrc, { host, username, warn: this.#warn });
    return found?.password;
  }
}

/** As the user's settings want it. */
export function savedPasswords(options: {
  readonly netrc: string;
  readonly usesKeyring: boolean;
  readonly warn: (sentence: string) => void;
}): SavedPasswords {
  const keyring = options.usesKeyring ? new Keyring() : 'none';
  return new SavedPasswords({ ...options, keyring });
}
