import type { AccessSettings } from '../../db/access-settings.ts';
import { type Group, GroupExistsError, type GroupRepository } from '../../db/group-repository.ts';
import { GroupError } from '../errors/group-errors.ts';

/** Stands for no group where the name of one is expected. */
export const NO_GROUP = 'none';

const NAME = /^[a-z0-9_][a-z0-9._-]{0,31}$/;

/** Groups as an administrator manages them. Their names are compared ignoring case. */
export class AccountGroups {
  readonly #groups: GroupRepository;

  constructor(groups: GroupRepository) {
    this.#groups = groups;
  }

  /** @throws GroupError if the name breaks the rules, or another group has it. */
  async add(name: string): Promise<void> {
    const folded = name.toLowerCase();
    if (!NAME.test(folded) || folded === NO_GROUP) {
      throw new GroupError(
        `Group ${JSON.stringify(name)}: expected 1 to 32 of a-z 0-9 . _ - not starting with a dot or dash, and not ${NO_GROUP}.`,
      );
    }
    try {
      await this.#groups.add(folded);
    } catch (error) {
      if (!(error instanceof GroupExistsError)) throw error;
      throw new GroupError(`There is a group "${folded}" already.`);
    }
  }

  list(): Promise<readonly Group[]> {
    return this.#groups.list();
  }

  /** @throws GroupError */
  async find(name: string): Promise<Group> {
    const group = await this.#groups.find(name.toLowerCase());
    if (group === undefined) throw new GroupError(`No such group: "${name}".`);
    return group;
  }

  /** Changes the rights and limits of all its members. @throws GroupError */
  async setAccess(name: string, access: AccessSettings): Promise<void> {
    await this.#groups.setAccess((await this.find(name)).id, access);
  }

  /** @throws GroupError if accounts are in it: they would lose its restrictions. */
  async remove(name: string): Promise<void> {
    const group = await this.find(name);
    if (await this.#groups.removeEmpty(group.id)) return;
    throw new GroupError(
      `The group "${group.name}" has members; give them another group first: user group <name> <group>.`,
    );
  }
}
