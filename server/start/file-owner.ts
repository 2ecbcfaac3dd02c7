import { creationSettings } from '../config/creation-settings.ts';
import type { Settings } from '../config/settings.ts';
import type { CreationSettings } from '../disk/creation-rules.ts';
import { mayGiveTo } from '../disk/ownership.ts';
import { StartError } from '../errors/start-error.ts';
import { WrongFormError } from '../errors/wrong-form.ts';

/**
 * The settings for new files, with the owner looked up. Call it as the user that serves.
 *
 * @throws StartError if there is no such owner, or the process may not give files to it.
 */
export function requireFileOwner(settings: Settings): CreationSettings {
  const label = `--owner ${settings.owner}`;
  try {
    const creation = creationSettings(settings);
    if (creation.owner === undefined || mayGiveTo(creation.owner)) return creation;
  } catch (error) {
    if (!(error instanceof WrongFormError)) throw error;
    throw new StartError(`${label}: ${error.message}`, { exitCode: 78, cause: error });
  }
  throw new StartError(`${label}: ${OWNER_NEEDS}`, { exitCode: 78 });
}

/** What a server needs that gives files to other users. */
export const OWNER_NEEDS =
  'the server may not give files to this user. Start it as root without --user, or with the capabilities CAP_CHOWN, CAP_DAC_OVERRIDE and CAP_FOWNER.';
