import { type Entry, joinPath } from '../../files/place.ts';
import type { TransferPlan } from '../transfer-plan.ts';
import type { MirrorOptions } from './mirror-options.ts';

/** The files that a mirror transfers, in the order in which they were compared. */
export class MirrorTransfers {
  readonly copies: TransferPlan[] = [];
  readonly replacements: TransferPlan[] = [];
  moveBytes = 0;
  growthBytes = 0;
  readonly #options: Pick<MirrorOptions, 'direction' | 'from' | 'to' | 'links'>;

  constructor(options: Pick<MirrorOptions, 'direction' | 'from' | 'to' | 'links'>) {
    this.#options = options;
  }

  get fileCount(): number {
    return this.copies.length + this.replacements.length;
  }

  /** @param path of the file, below both directories of the mirror. */
  copy(path: string, source: Entry): void {
    this.copies.push(this.#planFor(path, source));
    this.moveBytes += source.sizeBytes ?? 0;
    this.growthBytes += source.sizeBytes ?? 0;
  }

  replace(path: string, source: Entry, target: Entry): void {
    this.replacements.push({
      ...this.#planFor(path, source),
      to: below(this.#options.to, inDirectoryOf(path, target.name)),
    });
    this.moveBytes += source.sizeBytes ?? 0;
    this.growthBytes += Math.max(0, (source.sizeBytes ?? 0) - (target.sizeBytes ?? 0));
  }

  #planFor(path: string, { sizeBytes, modifiedMs }: Entry): TransferPlan {
    const { direction, from, to, links } = this.#options;
    const [source, target] = [below(from, path), below(to, path)];
    const rules = { policy: 'overwrite', links: links === 'follow' ? links : undefined } as const;
    return { direction, kind: 'file', from: source, to: target, ...rules, sizeBytes, modifiedMs };
  }
}

/** A path in a directory; the directory itself for an empty one. */
export function below(directory: string, path: string): string {
  return path === '' ? directory : joinPath(directory, path);
}

/** The path of another name beside it. */
function inDirectoryOf(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1) + name;
}
