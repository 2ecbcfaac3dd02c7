import { isFolderAccount } from '../../db/folder-account.ts';
import { isHomeMounted, markerOf } from '../disk/home-marker.ts';
import { type Check, ok, problem } from './finding.ts';

/** Homes outside of the root: whether each is the directory that the account was created with. */
export const homesCheck: Check = {
  id: 'homes',
  async inspect({ database }) {
    const { homesElsewhere = [] } = (await database()) ?? {};
    if (homesElsewhere.length === 0) return [ok('All homes are in --root.')];
    const missing = homesElsewhere.filter(
      (account) => !isFolderAccount(account.username) && !isHomeMounted(account),
    );
    if (missing.length === 0) return [ok('The homes outside of --root are in their places.')];
    return missing.map(({ username, home, homeId }) =>
      problem(
        `${home}, the home of ${username}, is missing or not the directory that it was; ${username} cannot log in.`,
        `Mount its file system. If this is the right directory, write ${homeId} to ${markerOf(home)} (mode 600, its directory 700, both of the server's user).`,
      ),
    );
  },
};
