/**
 * What an account or a group may do. A member that is left out is not set: the group, and then the server, decides.
 *
 * The database stores it as JSON.
 */
export interface AccessSettings {
  /** Sets of rights by directory, as `rights/rights.ts` reads them; `/` is the whole tree. */
  readonly rights?: Readonly<Record<string, string>>;
  /** Size of the largest file that may be uploaded. */
  readonly maxUploadBytes?: number;
  /** Patterns of names, of which new files and directories must match one. */
  readonly allowedNames?: readonly string[];
  /** Patterns of names that no new file or directory may have. */
  readonly deniedNames?: readonly string[];
}

/** The settings of an account that is in a group: its own come first, for each directory, too. */
export function mergedAccess(group: AccessSettings, own: AccessSettings): AccessSettings {
  const rights = { ...group.rights, ...own.rights };
  return { ...group, ...own, ...(Object.keys(rights).length > 0 && { rights }) };
}

export function readAccess(stored: string | null): AccessSettings {
  return stored === null ? {} : (JSON.parse(stored) as AccessSettings);
}

/** @returns null if nothing is set. */
export function storedAccess(settings: AccessSettings): string | null {
  const { rights, ...others } = settings;
  const isEmpty = rights === undefined || Object.keys(rights).length === 0;
  const text = JSON.stringify(isEmpty ? others : settings);
  return text === '{}' ? null : text;
}
