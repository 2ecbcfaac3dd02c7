/** Accounts whose settings this process has changed, until sessions that are open have taken that over. */
export class AccountChanges {
  #ids = new Set<number>();

  add(accountId: number): void {
    this.#ids.add(accountId);
  }

  /** The accounts that have changed since the last call. */
  take(): ReadonlySet<number> {
    const ids = this.#ids;
    if (ids.size > 0) this.#ids = new Set();
    return ids;
  }
}
