import type { Bookmarks } from '../sites/bookmarks.ts';
import type { ClientPaths } from '../sites/client-paths.ts';
import type { DirectoryBookmarks } from '../sites/directory-bookmarks.ts';
import type { KnownServers } from '../sites/known-servers.ts';
import type { Pins } from '../sites/pins.ts';
import type { RecentServers } from '../sites/recent-servers.ts';
import type { SavedPasswords } from '../sites/saved-passwords.ts';
import type { ClientSettings } from '../sites/settings.ts';

/** What is remembered from one run to the next. */
export interface ScreenServices {
  readonly paths: ClientPaths;
  readonly settings: ClientSettings;
  readonly bookmarks: Bookmarks;
  readonly directories: DirectoryBookmarks;
  readonly pins: Pins;
  readonly recent: RecentServers;
  readonly known: KnownServers;
  readonly passwords: SavedPasswords;
  readonly environment: Readonly<Record<string, string | undefined>>;
}
