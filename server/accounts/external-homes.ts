import { realpath } from 'node:fs/promises';
import type { HomeElsewhere } from '../../db/account-insertion.ts';
import type { CreationRules } from '../disk/creation-rules.ts';
import { CheckFailure } from './check-failure.ts';
import { type ElsewhereHomes, HomeRefusedError } from './elsewhere-homes.ts';
import type { ExternalSettings } from './external-settings.ts';
import type { HomeDirectories } from './home-directories.ts';
import { homeOf } from './new-account.ts';

interface Deps {
  readonly homes: HomeDirectories;
  readonly elsewhere: ElsewhereHomes;
}

/** The home of an account that is to be created. */
interface PreparedHome {
  /** Undefined for a home in the root. */
  readonly elsewhere: HomeElsewhere | undefined;
  /** Removes it if the account cannot be created. */
  discard(): Promise<void>;
}

type HomeSettings = Pick<ExternalSettings, 'homePath' | 'adoptsHome'>;

/** The homes of accounts that the password check creates. */
export class ExternalHomes {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws CheckFailure if the home cannot be used. */
  async prepare(
    username: string,
    settings: HomeSettings,
    rules: CreationRules,
  ): Promise<PreparedHome> {
    const { homePath: path, adoptsHome = false } = settings;
    try {
      if (path === undefined) return await this.#belowRoot(homeOf(username), adoptsHome, rules);
      const home = await this.#deps.elsewhere.check({ username, path, adoptsHome });
      const { home: elsewhere, discard } = await this.#deps.elsewhere.create(home, rules);
      return { elsewhere, discard };
    } catch (error) {
      if (!(error instanceof HomeRefusedError)) throw error;
      throw new CheckFailure(`home: ${error.message}`, { cause: error });
    }
  }

  /** Files never move: an account keeps the home that it was created with. @throws CheckFailure */
  async requireSame(home: string, { homePath: wanted }: HomeSettings): Promise<void> {
    if (wanted === undefined) return;
    const path = this.#deps.homes.pathOf(home);
    const [one, other] = await Promise.all([path, wanted].map(canonical));
    if (one === other) return;
    throw new CheckFailure(`home: the account has its files in ${path}, not ${wanted}`);
  }

  async #belowRoot(home: string, adoptsHome: boolean, rules: CreationRules): Promise<PreparedHome> {
    const { homes } = this.#deps;
    const isNew = (await homes.create(home, rules)) === 'created';
    if (!isNew && !adoptsHome) {
      throw new HomeRefusedError(
        `${homes.pathOf(home)} already exists; "adoptHome": true gives it to the account.`,
      );
    }
    if (await homes.isObstructed(home))
      throw new HomeRefusedError(`${homes.pathOf(home)} is not a directory.`);
    const discard = async () => (isNew ? await homes.discard(home) : undefined);
    return { elsewhere: undefined, discard };
  }
}

/** The path without symbolic links; as it is, if it does not exist. */
async function canonical(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
}
