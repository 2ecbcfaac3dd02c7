import type { RetentionRepository } from '../../db/retention-repository.ts';
import type { RoomMaker, RoomRequest } from '../uploads/room-maker.ts';
import { AccountRoom, type Shortage } from './account-room.ts';
import { AccountTree } from './account-tree.ts';
import { ruleAt, rulesOf } from './retention-rules.ts';
import type { SweepDeps } from './sweep-account.ts';

/** Files of all accounts that are kept in memory: about 300 bytes each. */
const MAX_KEPT_FILES = 65_536;

/** Files that one scan brings. */
const MAX_SCAN_FILES = 4096;
const MIN_SCAN_FILES = 64;

/** An account that has not been full for this time is forgotten. */
const FORGOTTEN_AFTER_MS = 600_000;

interface OldestFirstDeps extends SweepDeps {
  readonly rules: Pick<RetentionRepository, 'findById'>;
}

/** Deletes the oldest files of an account whose rule says so, when an upload finds its quota full. */
export class OldestFirst implements RoomMaker {
  readonly #deps: OldestFirstDeps;
  readonly #rooms = new Map<number, Promise<AccountRoom>>();

  constructor(deps: OldestFirstDeps) {
    this.#deps = deps;
  }

  async makeRoom(request: RoomRequest): Promise<boolean> {
    return (await this.#with(request, (room, shortage) => room.makeRoom(shortage))) ?? false;
  }

  async canMakeRoom(request: RoomRequest): Promise<boolean> {
    return (await this.#with(request, (room, shortage) => room.canMakeRoom(shortage))) ?? false;
  }

  async isFor(accountId: number): Promise<boolean> {
    const account = await this.#deps.rules.findById(accountId);
    return Object.values(account?.effective ?? {}).some(({ isOldestFirst }) => isOldestFirst);
  }

  /** @returns undefined if no rule says that files are deleted for that name, or if the server cannot. */
  async #with(
    { accountId, wanted, path }: RoomRequest,
    task: (room: AccountRoom, shortage: Shortage) => Promise<boolean>,
  ): Promise<boolean | undefined> {
    const account = await this.#deps.rules.findById(accountId);
    if (account === undefined) return undefined;
    const rule = ruleAt(rulesOf(account), path);
    if (rule?.isOldestFirst !== true) return undefined;
    const { username } = account;
    try {
      return await task(await this.#roomOf(accountId, username), { wanted, rule, path });
    } catch (error) {
      this.#deps.log.failed({ username }, error);
      return undefined;
    }
  }

  #roomOf(accountId: number, username: string): Promise<AccountRoom> {
    const known = this.#rooms.get(accountId);
    if (known !== undefined) return known;
    const opening = this.#open(accountId, username);
    this.#rooms.set(accountId, opening);
    opening.catch(() => this.#rooms.delete(accountId));
    return opening;
  }

  async #open(accountId: number, username: string): Promise<AccountRoom> {
    const { accounts, log } = this.#deps;
    await this.#forgetIdle(accountId);
    const account = await accounts.find(username);
    if (account === undefined) throw new Error('the account has been removed');
    return new AccountRoom({
      tree: await AccountTree.open(account, this.#deps),
      maxFiles: () => this.#scanFiles,
      onDeleted: (file) => log.deleted(username, file, 'quota'),
      onError: (error, { path }) => log.failed({ username, path }, error),
    });
  }

  /** The more accounts are full, the fewer files are kept of each. */
  get #scanFiles(): number {
    const share = Math.floor(MAX_KEPT_FILES / Math.max(this.#rooms.size, 1));
    return Math.min(Math.max(share, MIN_SCAN_FILES), MAX_SCAN_FILES);
  }

  async #forgetIdle(exceptId: number): Promise<void> {
    const beforeMs = performance.now() - FORGOTTEN_AFTER_MS;
    for (const [accountId, opening] of this.#rooms) {
      if (accountId === exceptId) continue;
      const room = await opening.catch(() => undefined);
      if (room?.isIdle === true && room.usedAtMs < beforeMs) this.#rooms.delete(accountId);
    }
  }
}
