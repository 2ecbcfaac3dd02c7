import type { CreationSettings, Owner } from '../disk/creation-rules.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { groupIdOf, userIdOf } from '../system/user-ids.ts';
import type { Settings } from './settings.ts';

/**
 * Looks up what `parseOwner` has read.
 *
 * @throws WrongFormError if there is no such user or group.
 */
export function findOwner(text: string): Owner {
  const [user = '', group] = text.split(':');
  const uid = userIdOf(user);
  if (uid === undefined) throw unknown('user', user);
  const gid = group === undefined ? undefined : groupIdOf(group);
  if (group !== undefined && gid === undefined) throw unknown('group', group);
  return { uid, gid };
}

/** Modes and owner of new files and directories, with the owner looked up. @throws WrongFormError */
export function creationSettings(
  settings: Pick<Settings, 'umask' | 'fileMode' | 'directoryMode' | 'owner'>,
): CreationSettings {
  const { umask, fileMode, directoryMode, owner } = settings;
  return { umask, fileMode, directoryMode, owner: owner === undefined ? owner : findOwner(owner) };
}

/** The same with modes that follow a reload. The owner stays: the start has made sure of it. */
export function liveCreation(
  settings: Pick<Settings, 'umask' | 'fileMode' | 'directoryMode'>,
  owner: Owner | undefined,
): CreationSettings {
  return {
    owner,
    get umask() {
      return settings.umask;
    },
    get fileMode() {
      return settings.fileMode;
    },
    get directoryMode() {
      return settings.directoryMode;
    },
  };
}

function unknown(kind: 'user' | 'group', name: string): WrongFormError {
  return new WrongFormError(
    `there is no ${kind} ${JSON.stringify(name)}. Name another one, or its number.`,
  );
}
