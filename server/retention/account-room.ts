import type { Quota, Usage } from '../../db/quota-repository.ts';
import { isWithin, parentOf, type VirtualPath } from '../disk/virtual-path.ts';
import { Semaphore } from '../scheduling/semaphore.ts';
import { type AccountTree, pathBelow, type RetainedFile } from './account-tree.ts';
import { OldestFiles } from './oldest-files.ts';
import type { RetentionRule } from './retention-rules.ts';

interface AccountRoomOptions {
  readonly tree: AccountTree;
  /** Files that a scan brings at most. */
  readonly maxFiles: () => number;
  readonly onDeleted: (file: RetainedFile) => void;
  /** Reports a file that cannot be deleted. */
  readonly onError: (error: unknown, file: RetainedFile) => void;
}

/** What a name needs that finds its account full, and the rule that is for it. */
export interface Shortage {
  readonly wanted: Usage;
  readonly rule: RetentionRule;
  readonly path: VirtualPath;
}

/** The oldest files of one account, by the directory of their rule. */
interface RuleFiles {
  readonly rule: RetentionRule;
  readonly files: OldestFiles;
}

/** Deletes the oldest files of one account when it is full. */
export class AccountRoom {
  usedAtMs = performance.now();
  readonly #options: AccountRoomOptions;
  readonly #byDirectory = new Map<string, RuleFiles>();
  /** Uploads look one after another, so that what one has made room for is not made again for the next. */
  readonly #lock = new Semaphore(1);

  constructor(options: AccountRoomOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#lock.tasks === 0;
  }

  /** See `RoomMaker`. */
  canMakeRoom(shortage: Shortage): Promise<boolean> {
    return this.#lock.run(async () => {
      const missing = await this.#missing(shortage.wanted);
      return missing === undefined || (await this.#filesOf(shortage.rule).canFree(missing));
    });
  }

  /** See `RoomMaker`. */
  makeRoom(shortage: Shortage): Promise<boolean> {
    return this.#lock.run(async () => {
      try {
        return await this.#makeRoom(shortage);
      } finally {
        this.usedAtMs = performance.now();
        // It holds no directory open while nothing is to be deleted.
        this.#options.tree.close();
      }
    });
  }

  async #makeRoom({ wanted, rule, path }: Shortage): Promise<boolean> {
    const files = this.#filesOf(rule);
    const missing = await this.#missing(wanted);
    if (missing === undefined) return true;
    if (!(await files.canFree(missing))) return false;
    do {
      const found = await files.next();
      if (found === undefined) return false;
      const file = { ...found, path: pathBelow(rule, found.path) };
      if (file.path !== path && (await this.#delete(file, rule, path))) files.deleted();
    } while ((await this.#missing(wanted)) !== undefined);
    return true;
  }

  /** @param keptPath no directory of it is removed. */
  async #delete(file: RetainedFile, rule: RetentionRule, keptPath: VirtualPath): Promise<boolean> {
    const { tree, onDeleted, onError } = this.#options;
    try {
      if (!(await tree.deleteFile(file))) return false;
    } catch (error) {
      onError(error, file);
      return false;
    }
    onDeleted(file);
    const directory = parentOf(file.path);
    if (rule.removesEmpty && !isWithin(directory, keptPath)) {
      await tree.removeEmpty(directory, rule, keptPath);
    }
    return true;
  }

  /** @returns undefined if there is room. */
  async #missing(wanted: Usage): Promise<Usage | undefined> {
    const { ledger, accountId } = this.#options.tree.space;
    const missing = missingIn(await ledger.usage(accountId), wanted);
    return missing.bytes === 0 && missing.entries === 0 ? undefined : missing;
  }

  #filesOf(rule: RetentionRule): OldestFiles {
    const known = this.#byDirectory.get(rule.directory);
    if (known !== undefined && isSameTree(known.rule, rule)) {
      known.files.begin();
      return known.files;
    }
    const { tree, maxFiles } = this.#options;
    const files = new OldestFiles(() => tree.oldestFiles(rule, maxFiles()));
    this.#byDirectory.set(rule.directory, { rule, files });
    return files;
  }
}

function missingIn(quota: Quota, wanted: Usage): Usage {
  const { limitBytes, usedBytes, limitEntries, usedEntries } = quota;
  return {
    bytes: missingOf(wanted.bytes, limitBytes - usedBytes),
    entries: missingOf(wanted.entries, limitEntries - usedEntries),
  };
}

/** What is not wanted is not missing, even where an account has more than it may have. */
function missingOf(wanted: number, room: number): number {
  return wanted === 0 ? 0 : Math.max(wanted - room, 0);
}

function isSameTree(one: RetentionRule, other: RetentionRule): boolean {
  return one.excluded.join('\0') === other.excluded.join('\0');
}
