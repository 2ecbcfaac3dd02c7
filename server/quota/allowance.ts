/** Amount of one resource (bytes or entries) that is reserved for an account and not spent. */
export class Allowance {
  /** Taken and not spent. */
  reserved = 0;
  /** Usage in the database when this process last read it, 0 before. */
  booked = 0;
  /**
   * The version of the database in which the reserved amount was seen to lie within the limit; undefined if it has not been,
   * or was not. Without it nothing is spent before the database has been read.
   */
  checkedVersion: number | undefined;

  /** Whether an amount can be spent without reading the database, whose version is given. */
  covers(amount: number, version: number): boolean {
    return amount === 0 || (this.reserved >= amount && this.checkedVersion === version);
  }

  /** More is reserved than the account was charged for: see `look`. */
  get isBeyondBooked(): boolean {
    return this.reserved > this.booked;
  }

  refund(amount: number): void {
    this.reserved += amount;
    if (this.isBeyondBooked) this.checkedVersion = undefined;
  }

  /**
   * Notes what the database calls used. An account cannot get back more than it is charged for: what came from outside
   * was never charged, and to delete it gives no room.
   *
   * @returns whether it had got back more.
   */
  look(used: number): boolean {
    this.booked = used;
    if (this.reserved <= used) return false;
    this.reserved = used;
    return true;
  }

  /** Notes in which version of the database there were `room` more below the limit. */
  checked(room: number, version: number): void {
    this.checkedVersion = room < 0 ? undefined : version;
  }

  /** Notes that the database has booked an amount on top of `used`. */
  took(amount: number, used: number): void {
    this.reserved += amount;
    if (amount > 0) this.booked = used + amount;
  }

  /** Notes that a recount has changed what the database calls used. */
  corrected(used: number): void {
    this.booked = used;
    // What is reserved may lie beyond the limit now.
    this.checkedVersion = undefined;
  }

  /** Notes that the database no longer charges the account for an amount. */
  released(amount: number): void {
    this.booked = Math.max(this.booked - amount, 0);
  }

  /** Lets go of all that is reserved. @returns the amount. */
  drain(): number {
    const returned = this.reserved;
    this.reserved = 0;
    return returned;
  }
}
