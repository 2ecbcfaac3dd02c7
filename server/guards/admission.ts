import { originOf } from '../accounts/login-throttle.ts';
import type { AccessLists } from './access-lists.ts';
import type { Bans } from './bans.ts';

/** Why a client is not let in. */
export type AccessRefusal = 'banned' | 'not allowed';

interface AdmissionDeps {
  readonly bans: Bans;
  /** As the settings have them at the moment. */
  readonly lists: () => AccessLists;
}

/**
 * Decides by its address whether a client may connect: bans of the administrator come first, then `--deny-from` and
 * `--allow-from`, then bans of the guard.
 */
export class Admission {
  readonly #deps: AdmissionDeps;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
  }

  /** Why a client that connects is refused; undefined if it is not. */
  refusalOf(peerAddress: string): AccessRefusal | undefined {
    const lists = this.#deps.lists();
    const refusal = this.refusalByAdmin(peerAddress);
    if (refusal !== undefined || lists.exempts(peerAddress)) return refusal;
    return this.#deps.bans.isBannedByGuard(originOf(peerAddress)) ? 'banned' : undefined;
  }

  /** The same for a client that has logged in, whose session a ban of the guard does not end. */
  refusalByAdmin(peerAddress: string): AccessRefusal | undefined {
    if (this.#deps.bans.isBannedByAdmin(peerAddress)) return 'banned';
    return this.#deps.lists().admits(peerAddress) ? undefined : 'not allowed';
  }
}
