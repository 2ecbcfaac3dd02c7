import type { Account } from './site.ts';

/** Time limit for a keyring that is locked. */
const MAX_WAIT_MS = 20_000;

const SERVICE = 'myftp';

interface Entry {
  getPassword(): Promise<string | null>;
  setPassword(password: string): Promise<void>;
  deletePassword(): Promise<unknown>;
}

type OpenEntry = (service: string, account: string) => Entry;

/**
 * The system's keyring. One that is absent, locked or broken is like an empty one: passwords are then asked
 * for each time.
 */
export class Keyring {
  readonly #load: () => Promise<OpenEntry>;

  /** @param load gives what opens an entry; the system's own if missing. */
  constructor(load: () => Promise<OpenEntry> = loadSystemKeyring) {
    this.#load = load;
  }

  async read(site: Account): Promise<string | undefined> {
    const password = await this.#try(site, (entry) => entry.getPassword());
    return password ?? undefined;
  }

  /** False if it could not be kept. */
  async write(site: Account, password: string): Promise<boolean> {
    const isWritten = await this.#try(site, async (entry) => {
      await entry.setPassword(password);
      return true;
    });
    return isWritten ?? false;
  }

  async remove(site: Account): Promise<void> {
    await this.#try(site, (entry) => entry.deletePassword());
  }

  async #try<Result>(
    site: Account,
    task: (entry: Entry) => Promise<Result>,
  ): Promise<Result | undefined> {
    try {
      const open = await this.#load();
      return await inTime(task(open(SERVICE, accountOf(site))));
    } catch {
      return undefined;
    }
  }
}

/** Bookmarks of one account share its password. */
function accountOf({ username, host, port }: Account): string {
  return `${username}@${host}:${port}`;
}

/** The native module is loaded only here: it may be missing for a system. */
async function loadSystemKeyring(): Promise<OpenEntry> {
  const { AsyncEntry } = await import('@napi-rs/keyring');
  return (service, account) => new AsyncEntry(service, account);
}

async function inTime<Result>(task: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), MAX_WAIT_MS);
  });
  try {
    return await Promise.race([task, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
