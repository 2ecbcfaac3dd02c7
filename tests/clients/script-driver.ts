import { expect } from '@jest/globals';
import { type ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { octets, SIZES } from './samples.ts';

/** A language with an FTP library. */
interface Language {
  readonly command: string;
  /** Arguments before the text of a script. */
  readonly before: readonly string[];
  /** Arguments between the script and its own arguments. */
  readonly between?: readonly string[];
  /** Defines how scripts log in, with `FTP_*` of their environment, and how they show a value as JSON. */
  readonly prelude: string;
}

/** Runs a script in a site, and returns what it has shown. */
type RunScript = (
  script: string,
  options?: { readonly at?: ClientSite; readonly args?: readonly string[] },
) => Promise<ReturnType<typeof JSON.parse>>;

/** @param siteOf the site of scripts that name none. */
export function scriptDriver(language: Language, siteOf: () => ClientSite): RunScript {
  const { command, before, between = [], prelude } = language;
  return async (script, { at = siteOf(), args = [] } = {}) => {
    const env = {
      ...at.environment,
      FTP_HOST: at.host,
      FTP_PORT: String(at.port),
      FTP_USER: USERNAME,
      FTP_PASSWORD: PASSWORD,
    };
    const text = `${prelude}\n${script}`;
    const { stdout } = await at.run(command, [...before, text, ...between, ...args], { env });
    return stdout === '' ? undefined : JSON.parse(stdout);
  };
}

/**
 * Expects that files of all sizes arrive as they are, both ways.
 *
 * @param carry uploads the files of these names, downloads them as `back-NAME`, and returns the sizes that SIZE reports.
 */
export async function expectAllSizesCarried(
  site: ClientSite,
  carry: (names: string[]) => Promise<unknown>,
): Promise<void> {
  for (const { name, sizeBytes } of SIZES) await site.writeLocal(name, octets(sizeBytes));
  const names = SIZES.map(({ name }) => name);
  expect(await carry(names)).toEqual(SIZES.map(({ sizeBytes }) => sizeBytes));
  for (const name of names) {
    expect(await site.homeDigest(name)).toBe(await site.localDigest(name));
    expect(await site.localDigest(`back-${name}`)).toBe(await site.localDigest(name));
  }
  await site.expectExactQuota();
}
