/** A file of a server in a test. */
export interface FieldFile {
  content: Buffer;
  /** Since the epoch. */
  modifiedMs: number;
}

/** The files of a scripted server, in memory. */
export class FieldTree {
  readonly directories = new Set<string>(['/']);
  readonly files = new Map<string, FieldFile>();
  /** The name under which the server keeps another one. */
  readonly #keptAs: (name: string) => string;

  constructor(keptAs: (name: string) => string = (name) => name) {
    this.#keptAs = keptAs;
  }

  /** The path under which something exists, or will: names that fold together are one. */
  find(path: string): string {
    const key = this.#folded(path);
    const all = [...this.directories, ...this.files.keys()];
    return all.find((one) => this.#folded(one) === key) ?? path;
  }

  /** Puts a file in place, with its directories. */
  put(path: string, content: string | Buffer, modifiedMs = Date.UTC(2026, 2, 2, 14, 11)): void {
    this.makeDirectory(parentOf(path));
    this.files.set(this.find(path), { content: Buffer.from(content), modifiedMs });
  }

  makeDirectory(path: string): void {
    if (path !== '/') this.makeDirectory(parentOf(path));
    this.directories.add(this.find(path));
  }

  get(path: string): FieldFile | undefined {
    return this.files.get(this.find(path));
  }

  text(path: string): string | undefined {
    return this.get(path)?.content.toString();
  }

  isDirectory(path: string): boolean {
    return this.directories.has(this.find(path));
  }

  /** Names in a directory, in order. */
  namesIn(directory: string): readonly string[] {
    const prefix = directory === '/' ? '/' : `${this.find(directory)}/`;
    return [...this.directories, ...this.files.keys()]
      .filter((path) => path !== '/' && path.startsWith(prefix))
      .map((path) => path.slice(prefix.length))
      .filter((name) => name !== '' && !name.includes('/'))
      .sort();
  }

  #folded(path: string): string {
    return path.split('/').map(this.#keptAs).join('/');
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
