import type { Job } from './job.ts';

interface Children {
  readonly ids: string[];
  /** None before this one is to be started. */
  first: number;
}

/**
 * The order in which directories are read, so that files are found in the order of a walk: what was found in the
 * directory that was read last comes before its siblings.
 */
export class DirectoryOrder {
  readonly #children = new Map<string, Children>();
  readonly #indexes = new Map<string, number>();

  append({ id, parent }: Job): void {
    if (parent === undefined) return;
    const children = this.#children.get(parent) ?? { ids: [], first: 0 };
    this.#children.set(parent, children);
    this.#indexes.set(id, children.ids.push(id) - 1);
  }

  remove(id: string): void {
    this.#children.delete(id);
    this.#indexes.delete(id);
  }

  /** Lets a directory be found again that `next` had passed over. */
  offer({ id, parent }: Job): void {
    const children = this.#children.get(parent ?? '');
    const index = this.#indexes.get(id);
    if (children !== undefined && index !== undefined) {
      children.first = Math.min(children.first, index);
    }
  }

  /** The first of those in a directory that may start. */
  next(parent: string, mayStart: (id: string) => boolean): string | undefined {
    const children = this.#children.get(parent);
    if (children === undefined) return undefined;
    for (; children.first < children.ids.length; children.first += 1) {
      const id = children.ids[children.first];
      if (id !== undefined && mayStart(id)) return id;
    }
    return undefined;
  }
}
