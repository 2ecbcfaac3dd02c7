import * as v from 'valibot';
import { readConfigFile } from './config-file.ts';

const SWITCH = v.boolean('must be true or false');

const SETTINGS = v.strictObject({
  jobs: v.optional(
    v.pipe(
      v.number('must be a number'),
      v.integer('must be a whole number'),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(32, 'must be at most 32'),
    ),
    3,
  ),
  verify: v.optional(SWITCH, true),
  links: v.optional(v.picklist(['skip', 'follow'], 'must be "skip" or "follow"'), 'skip'),
  keyring: v.optional(SWITCH, true),
  ascii: v.optional(SWITCH, false),
  mouse: v.optional(SWITCH, false),
  theme: v.optional(v.picklist(['dark', 'light'], 'must be "dark" or "light"')),
  keys: v.optional(v.record(v.string(), v.array(v.string('must be text'), 'must be a list')), {}),
});

/** How the user wants the client to be. */
export interface ClientSettings {
  /** Transfers at once. */
  readonly jobs: number;
  /** Compare digests after each transfer. */
  readonly verify: boolean;
  /** What the screens do about links in directories that are copied. */
  readonly links: 'skip' | 'follow';
  /** Passwords may be kept in the system's keyring. */
  readonly keyring: boolean;
  /** No characters beyond ASCII on the screen. */
  readonly ascii: boolean;
  readonly mouse: boolean;
  readonly theme?: 'dark' | 'light' | undefined;
  /** The user's own keys, by action. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/**
 * Reads the user's settings; what is not said has its default.
 *
 * @throws ConfigFileError that names each wrong or unknown key.
 */
export function readClientSettings(path: string): Promise<ClientSettings> {
  return readConfigFile(path, SETTINGS);
}
