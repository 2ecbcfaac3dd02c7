import type { Site } from '../../sites/site.ts';
import { type ConnectOptions, connectSite } from '../connection/connect-site.ts';
import type { RemoteSession } from '../remote-session.ts';

export const PASSWORD = 'correct horse';

/** Anna's account at a server of the test. */
export function siteAt(port: number, tls: Site['tls'] = 'none'): Site {
  return {
    id: `anna@127.0.0.1:${port}`,
    name: undefined,
    host: '127.0.0.1',
    port,
    tls,
    username: 'anna',
    remotePath: undefined,
    localPath: undefined,
  };
}

export function connectAnna(
  port: number,
  options: Partial<ConnectOptions & Pick<Site, 'tls' | 'username'>> = {},
): Promise<RemoteSession> {
  const { tls = 'none', username = 'anna', ...others } = options;
  return connectSite(
    { ...siteAt(port, tls), username },
    {
      password: async () => PASSWORD,
      trust: async () => 'once',
      ...others,
    },
  );
}

/** Content as an upload gives it. */
export async function* chunksOf(content: Uint8Array, chunkBytes = 100_000): AsyncGenerator<Buffer> {
  const buffer = Buffer.from(content.buffer, content.byteOffset, content.length);
  for (let at = 0; at < buffer.length; at += chunkBytes) yield buffer.subarray(at, at + chunkBytes);
}

/** An upload without an end; `given` counts its octets. */
export function endlessSource(chunkBytes = 64 * 1024): AsyncIterable<Buffer> & { given: number } {
  const source = {
    given: 0,
    async *[Symbol.asyncIterator]() {
      for (const chunk = Buffer.alloc(chunkBytes, 'x'); ; source.given += chunkBytes) yield chunk;
    },
  };
  return source;
}

/** Takes what a download brings. */
export class Gathered {
  readonly #chunks: Buffer[] = [];

  readonly sink = (octets: Buffer): undefined => {
    this.#chunks.push(Buffer.from(octets));
  };

  get octets(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** All names of a directory, in order. */
export async function namesIn(session: RemoteSession, path: string): Promise<string[]> {
  const names: string[] = [];
  for await (const batch of session.place.list(path)) names.push(...batch.map(({ name }) => name));
  return names.sort();
}
