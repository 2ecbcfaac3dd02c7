import { randomInt } from 'node:crypto';

/** A set whose members are drawn at random, in constant time and unpredictably. */
export class RandomSet<Member> {
  readonly #members: Member[] = [];
  readonly #indexes = new Map<Member, number>();

  get size(): number {
    return this.#members.length;
  }

  has(member: Member): boolean {
    return this.#indexes.has(member);
  }

  add(member: Member): void {
    if (this.#indexes.has(member)) return;
    this.#indexes.set(member, this.#members.length);
    this.#members.push(member);
  }

  delete(member: Member): void {
    const index = this.#indexes.get(member);
    if (index === undefined) return;
    const last = this.#members.pop() as Member;
    this.#indexes.delete(member);
    if (last === member) return;
    this.#members[index] = last;
    this.#indexes.set(last, index);
  }

  /** Removes a random member and returns it; undefined if the set is empty. */
  draw(): Member | undefined {
    if (this.#members.length === 0) return undefined;
    const member = this.#members[randomInt(this.#members.length)] as Member;
    this.delete(member);
    return member;
  }
}
