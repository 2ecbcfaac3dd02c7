import { randomUUID } from 'node:crypto';
import { EscrowRepository } from '../../db/escrow-repository.ts';
import { MemberRepository } from '../../db/member-repository.ts';
import type { Database } from '../../db/open-database.ts';

/** The escrow of a new member. */
export async function joinedMember({ queries }: Database): Promise<EscrowRepository> {
  const id = randomUUID();
  const member = { id, bootId: 'this boot', version: '1', startedAtMs: 1 };
  await new MemberRepository(queries).join(member);
  return new EscrowRepository(queries, id);
}
