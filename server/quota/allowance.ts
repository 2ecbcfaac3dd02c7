/** Amount of one resource (bytes or entries) that is reserved for an account and not spent. */
export class Allowance {
  /** Taken and not spent. */
  slack = 0;
  /** Usage in the database when this process last read it, 0 before. */
  booked = 0;
  /**
   * The version of the database in which the slack was seen to lie within the limit; undefined if it has not been, or
   * was not. Without this nothing is spent unseen.
   */
  checkedVersion: number | undefined;

  /** Whether an amount can be spent without reading the database, whose version is given. */
  covers(amount: number, version: number): boolean {
    return amount === 0 || (this.slack >= amount && this.checkedVersion === version);
  }

  refund(amount: number): void {
    this.slack += amount;
    // More than the account was charged for: see `look`.
    if (this.slack > this.booked) this.checkedVersion = undefined;
  }

  /**
   * Notes what the database calls used. An account cannot get back more than it is charged for: what came from outside
   * was never charged, and to delete it gives no room.
   *
   * @returns whether it had got back more.
   */
  look(used: number): boolean {
    this.booked = used;
    if (this.slack <= used) return false;
    this.slack = used;
    return true;
  }

  /** Notes in which version of the database there were `room` more below the limit. */
  checked(room: number, version: number): void {
    this.checkedVersion = room < 0 ? undefined : version;
  }

  /** Notes that the database has booked an amount on top of `used`. */
  took(amount: number, used: number): void {
    this.slack += amount;
    if (amount > 0) this.booked = used + amount;
  }

  /** Notes that a recount has changed what the database calls used. */
  corrected(used: number): void {
    this.booked = used;
    // The slack may lie beyond the limit now.
    this.checkedVersion = undefined;
  }

  /** Lets all slack go. @returns the amount. */
  drain(): number {
    const returned = this.slack;
    this.slack = 0;
    return returned;
  }
}
