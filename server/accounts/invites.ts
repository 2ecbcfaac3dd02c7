import { createHash, randomInt } from 'node:crypto';
import type { Invite, InviteRepository } from '../../db/invite-repository.ts';

/** No I, L, O, U: easily misread (Crockford's base 32). */
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUPS = 4;
const GROUP_SYMBOLS = 5;

/** An invite and its code, which is shown once and cannot be read again. */
export interface CreatedInvite extends Invite {
  readonly code: string;
}

/** Invites as the administrator sees them. */
export class Invites {
  readonly #invites: InviteRepository;
  readonly #now: () => number;

  constructor(deps: { readonly invites: InviteRepository; readonly now: () => number }) {
    this.#invites = deps.invites;
    this.#now = deps.now;
  }

  /** @param lifetimeMs `undefined`: the invite does not expire. */
  async create(options: {
    readonly maxUses: number;
    readonly lifetimeMs: number | undefined;
  }): Promise<CreatedInvite> {
    const code = newCode();
    const createdAtMs = this.#now();
    const invite = await this.#invites.create({
      codeHash: hashInviteCode(code),
      createdAtMs,
      expiresAtMs: options.lifetimeMs === undefined ? undefined : createdAtMs + options.lifetimeMs,
      maxUses: options.maxUses,
    });
    return { ...invite, code };
  }

  list(): Promise<readonly Invite[]> {
    return this.#invites.list();
  }

  /** Revokes an invite, and says whether there was one that had not been revoked before. */
  revoke(id: number): Promise<boolean> {
    return this.#invites.revoke(id, this.#now());
  }
}

/**
 * The stored form of a code. One round of SHA-256 is enough, because a code has 100 random bits. Case and dashes do not
 * matter, and letters that codes do not use are read as the digits they resemble.
 */
export function hashInviteCode(code: string): string {
  const symbols = code.toUpperCase().replaceAll('-', '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return createHash('sha256').update(symbols).digest('hex');
}

function newCode(): string {
  const groups = Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP_SYMBOLS }, () => SYMBOLS[randomInt(SYMBOLS.length)]).join(''),
  );
  return groups.join('-');
}
