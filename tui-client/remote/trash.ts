import { innerLines, isRefusal } from './connection/reply.ts';
import type { SessionLink } from './connection/session-link.ts';
import { parseMachineTime } from './listing/machine-time.ts';
import { failureForReply } from './remote-failure.ts';

/** A file, link or directory that was deleted on the server, and can be restored. */
export interface DeletedFile {
  readonly id: string;
  /** The name that it had. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'other';
  readonly sizeBytes: number;
  readonly deletedMs: number | undefined;
  /** When the server deletes it for good. */
  readonly expiresMs: number | undefined;
  /** Another file has got its name. */
  readonly isReplaced: boolean;
}

/** The deleted files of the account, on a server with SITE TRASH. */
export class RemoteTrash {
  readonly #link: Pick<SessionLink, 'use'>;

  constructor(link: Pick<SessionLink, 'use'>) {
    this.#link = link;
  }

  /** The last one first. @throws Failure */
  async list(): Promise<readonly DeletedFile[]> {
    const reply = await this.#link.use(({ control }) => control.ask('SITE TRASH'), { is: 'reads' });
    if (isRefusal(reply)) throw failureForReply(reply, 'The deleted files cannot be listed');
    return innerLines(reply).flatMap((line) => parseLine(line) ?? []);
  }

  /**
   * Restores one under the name that it had, or another one.
   *
   * @throws Failure of kind `exists` if something has the name.
   */
  async restore(id: string, path?: string): Promise<void> {
    const name = path === undefined ? '' : ` ${path}`;
    await this.#change(`SITE TRASH RESTORE ${id}${name}`, 'Nothing was restored');
  }

  /** Deletes one permanently. @throws Failure */
  async drop(id: string): Promise<void> {
    await this.#change(`SITE TRASH DROP ${id}`, 'Nothing was deleted');
  }

  /** Deletes all of them permanently. @throws Failure */
  async empty(): Promise<void> {
    await this.#change('SITE TRASH EMPTY', 'Nothing was deleted');
  }

  async #change(line: string, failed: string): Promise<void> {
    const reply = await this.#link.use(({ control }) => control.ask(line), { is: 'writes' });
    if (isRefusal(reply)) throw failureForReply(reply, failed);
  }
}

const KINDS: Readonly<Record<string, DeletedFile['kind']>> = { file: 'file', dir: 'directory' };

/** A line in the form of MLST; undefined for others. */
function parseLine(line: string): DeletedFile | undefined {
  const [, list = '', path] = /^ ?((?:[^;= ]+=[^;]*;)+) (.+)$/.exec(line) ?? [];
  const facts = new Map(
    list.split(';').map((fact): [string, string] => {
      const [name = '', value = ''] = fact.split('=', 2);
      return [name.toLowerCase(), value];
    }),
  );
  const id = facts.get('x.id');
  if (path === undefined || id === undefined) return undefined;
  return {
    id,
    path,
    kind: KINDS[facts.get('type') ?? ''] ?? 'other',
    sizeBytes: Number(facts.get('size') ?? 0),
    deletedMs: parseMachineTime(facts.get('x.deleted') ?? ''),
    expiresMs: parseMachineTime(facts.get('x.expires') ?? ''),
    isReplaced: facts.get('x.replaced') === '1',
  };
}
