import * as v from 'valibot';
import { readConfigFile, writeConfigFile } from './config-file.ts';

const DIRECTORIES = v.record(
  v.string(),
  v.array(v.string('must be text'), 'must be a list of paths'),
);

/** The directories that the user comes back to: those of each site, and those of this machine. */
export class DirectoryBookmarks {
  readonly #path: string;

  constructor(paths: { readonly directories: string }) {
    this.#path = paths.directories;
  }

  /** Of a site's id, or of `local`; in the order in which they were added. */
  async list(owner: string): Promise<readonly string[]> {
    return (await readConfigFile(this.#path, DIRECTORIES))[owner] ?? [];
  }

  async add(owner: string, path: string): Promise<void> {
    const paths = await this.list(owner);
    if (!paths.includes(path)) await this.#write(owner, [...paths, path]);
  }

  async remove(owner: string, path: string): Promise<void> {
    const paths = await this.list(owner);
    await this.#write(
      owner,
      paths.filter((kept) => kept !== path),
    );
  }

  async #write(owner: string, paths: readonly string[]): Promise<void> {
    const others = await readConfigFile(this.#path, DIRECTORIES);
    await writeConfigFile(this.#path, { ...others, [owner]: paths });
  }
}
