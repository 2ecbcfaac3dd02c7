import type { MemberRepository } from '../../db/member-repository.ts';
import type { PartialRepository } from '../../db/partial-repository.ts';
import type { TrashRepository } from '../../db/trash-repository.ts';
import { stagingDirOf } from '../disk/home-place.ts';
import { trashDirOf } from '../trash/trash-directory.ts';
import type { TrashItem } from '../trash/trash-item.ts';
import { sweepTrash } from '../trash/trash-sweep.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import { sweepStaging } from '../uploads/staging-sweep.ts';
import type { UnknownAreas } from '../uploads/unknown-areas.ts';

export interface SweepDeps {
  readonly rootDir: string;
  readonly partials: PartialRepository;
  /** Id of this process among the members. */
  readonly memberId: string;
  readonly members: Pick<MemberRepository, 'living'>;
  /** Uploads that the database does not know. */
  readonly unknown: UnknownAreas;
  readonly onPartialError: (error: unknown) => void;
  readonly trash: {
    readonly repository: TrashRepository;
    /** Files of the trash that the database does not know. */
    readonly unknown: UnknownAreas;
    readonly onError: (error: unknown) => void;
  };
}

/** What earlier runs have left of an account. */
export interface Leftovers {
  readonly partials: readonly PartialUpload[];
  readonly items: readonly TrashItem[];
}

interface SweptHomes {
  /** By the ids of accounts. */
  readonly leftovers: ReadonlyMap<number, Leftovers>;
  /** Ids of accounts where anything was amiss. */
  readonly mended: ReadonlySet<number>;
}

/**
 * See {@link sweepStaging} and {@link sweepTrash}.
 *
 * @param of an account whose home is elsewhere; without it, all others.
 */
export async function sweepHomes(deps: SweepDeps, home: string, of?: number): Promise<SweptHomes> {
  const staging = await sweepStagingOf(deps, home, of);
  const trash = await sweepTrashOf(deps, home, of);
  const ids = new Set([...staging.known.keys(), ...trash.known.keys()]);
  const leftovers = [...ids].map((id) => {
    const [partials = [], items = []] = [staging.known.get(id), trash.known.get(id)];
    return [id, { partials, items }] as const;
  });
  return {
    leftovers: new Map(leftovers),
    mended: new Set([...staging.mended, ...trash.mended]),
  };
}

async function sweepStagingOf(deps: SweepDeps, home: string, of: number | undefined) {
  const { rootDir, partials, members, memberId, onPartialError: onError } = deps;
  const stagingDir = stagingDirOf(rootDir, home);
  const unknown = deps.unknown.of(stagingDir);
  const living = await members.living();
  return sweepStaging({ stagingDir, partials, of, unknown, memberId, living, onError });
}

function sweepTrashOf({ rootDir, trash }: SweepDeps, home: string, of: number | undefined) {
  const { repository, unknown, onError } = trash;
  const trashDir = trashDirOf(rootDir, home);
  const deps = { rootDir, trashDir, trash: repository, of, onError };
  return sweepTrash({ ...deps, unknown: unknown.of(trashDir) });
}
