import type { HomeElsewhere } from '../../../db/account-insertion.ts';
import type { Usage } from '../../../db/quota-repository.ts';
import type { CreationRules } from '../../disk/creation-rules.ts';
import { mayGiveTo } from '../../disk/ownership.ts';
import { treeSize } from '../../disk/tree-size.ts';
import { measurementOf } from '../../quota/recounted-usage.ts';
import { runInSlices } from '../../scheduling/slice-clock.ts';
import type { ElsewhereHomes } from '../elsewhere-homes.ts';
import type { HomeDirectories } from '../home-directories.ts';
import { homeOf } from '../new-account.ts';
import type { PlannedAccount } from './import-plan.ts';

interface HomesDeps {
  readonly homes: HomeDirectories;
  readonly elsewhere: ElsewhereHomes;
  readonly rules: CreationRules;
}

/** What an account gets as its home. */
interface ImportedHome {
  readonly homeElsewhere?: HomeElsewhere;
  /** What it holds already. */
  readonly used: Usage;
}

/** Makes the homes of accounts that are created together. */
export class ImportedHomes {
  readonly #deps: HomesDeps;
  readonly #undo: (() => Promise<void>)[] = [];

  constructor(deps: HomesDeps) {
    this.#deps = deps;
  }

  async make({ account, homePath }: PlannedAccount): Promise<ImportedHome> {
    if (homePath === undefined) return await this.#makeBelowRoot(homeOf(account.username));
    const { elsewhere, rules } = this.#deps;
    const { home, discard } = await elsewhere.create(homePath, rules);
    this.#undo.push(discard);
    return { homeElsewhere: home, used: await usageOf(homePath) };
  }

  /** Removes the homes that were made. */
  async discard(): Promise<void> {
    for (const undo of this.#undo) await undo();
  }

  /** The server makes it at the first login if this process may not give it to its owner. */
  async #makeBelowRoot(home: string): Promise<ImportedHome> {
    const { homes, rules } = this.#deps;
    const isLeft = rules.owner !== undefined && !mayGiveTo(rules.owner);
    if (!isLeft && (await homes.create(home, rules)) === 'created') {
      this.#undo.push(() => homes.discard(home));
      return { used: { bytes: 0, entries: 0 } };
    }
    return { used: await usageOf(homes.pathOf(home)) };
  }
}

async function usageOf(directory: string): Promise<Usage> {
  const { bytes, entries } = measurementOf(await runInSlices(treeSize(directory)));
  return { bytes, entries };
}
