import { Reservation } from './reservation.ts';

const TICK_MS = 200;
/** A reservation is idle when nothing has happened for at least one whole tick. */
const IDLE_TICKS = 2;

/** The reservations of all accounts that the process works on. */
export class Reservations {
  readonly #byAccount = new Map<number, Reservation>();
  readonly #onIdle: (accountId: number) => void;
  #ticker: NodeJS.Timeout | undefined;

  /** @param onIdle called at each tick for a reservation that is idle and has something to settle. */
  constructor(onIdle: (accountId: number) => void) {
    this.#onIdle = onIdle;
  }

  get accountIds(): readonly number[] {
    return [...this.#byAccount.keys()];
  }

  find(accountId: number): Reservation | undefined {
    return this.#byAccount.get(accountId);
  }

  /** Look it up again after each wait, because one that is not in use may be dropped. */
  of(accountId: number): Reservation {
    const found = this.#byAccount.get(accountId);
    if (found !== undefined) return found;
    const reservation = new Reservation();
    this.#byAccount.set(accountId, reservation);
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS).unref();
    return reservation;
  }

  /**
   * One database operation per account at a time: a second would be refused space that the first leaves
   * over or is about to return.
   */
  async runExclusive<T>(
    accountId: number,
    operate: (reservation: Reservation) => Promise<T>,
  ): Promise<T> {
    let reservation = this.of(accountId);
    while (reservation.working !== undefined) {
      await reservation.working;
      reservation = this.of(accountId);
    }
    const own = reservation;
    const stop = () => {
      own.working = undefined;
    };
    const operation = operate(own);
    own.working = operation.then(stop, stop);
    return await operation;
  }

  dropIfUnused(accountId: number): void {
    if (this.#byAccount.get(accountId)?.isInUse !== false) return;
    this.#byAccount.delete(accountId);
    if (this.#byAccount.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #tick(): void {
    for (const [accountId, reservation] of this.#byAccount) {
      reservation.idleTicks += 1;
      if (reservation.idleTicks < IDLE_TICKS || reservation.working !== undefined) continue;
      if (reservation.isInUse) this.#onIdle(accountId);
      else this.dropIfUnused(accountId);
    }
  }
}
