import { isHomeMounted } from '../disk/home-marker.ts';
import { type HomePlace, isElsewhere, stagingDirOf } from '../disk/home-place.ts';
import { trashPathOf } from '../trash/trash-directory.ts';

/** Directories of a removed account that nothing sweeps any longer, also where its files stay: what it had deleted. */
export function leftoversOf(rootDir: string, account: HomePlace): readonly string[] {
  if (!isElsewhere(account.home)) return [trashPathOf(rootDir, account)];
  return isHomeMounted(account) ? [stagingDirOf(rootDir, account.home)] : [];
}
