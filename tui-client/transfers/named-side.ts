import type { Place } from '../files/place.ts';
import type {
  TransferConnection,
  TransferConnections,
} from '../remote/data/transfer-connection.ts';
import { isFailure } from '../remote/remote-failure.ts';
import type { RemoteSession } from '../remote/remote-session.ts';

/** Failures whose message begins with the name of a server. */
const NAMED = new WeakSet<Error>();

/** What people call a server. */
export function sideName({ site }: Pick<RemoteSession, 'site'>): string {
  return site.name ?? site.id;
}

/** The same place, whose failures name the server. */
export function namedPlace(place: Place, name: string): Place {
  return {
    kind: place.kind,
    list: (path, signal) => namedBatches(place.list(path, signal), name),
    stat: (path) => named(name, place.stat(path)),
    follow: (path) => named(name, place.follow(path)),
    identity: (path) => named(name, place.identity(path)),
    makeDirectory: (path) => named(name, place.makeDirectory(path)),
    rename: (from, to) => named(name, place.rename(from, to)),
    remove: (path, options) => named(name, place.remove(path, options)),
    digest: (...request) => named(name, place.digest(...request)),
    size: (path) => named(name, place.size(path)),
    modified: (path) => named(name, place.modified(path)),
    setModified: (path, modifiedMs) => named(name, place.setModified(path, modifiedMs)),
    setMode: (path, mode) => named(name, place.setMode(path, mode)),
  };
}

/** The same connections, whose own failures name the server; not those of what else a task does. */
export function namedSources(connections: TransferConnections, name: string): TransferConnections {
  return {
    get limit() {
      return connections.limit;
    },
    async use(task, signal) {
      let isOpen = false;
      try {
        return await connections.use((connection) => {
          isOpen = true;
          return task(namedConnection(connection, name));
        }, signal);
      } catch (error) {
        if (!isOpen) nameFailure(name, error);
        throw error;
      }
    },
    close: () => connections.close(),
  };
}

/** The same connections. Their failures name the server, unless they name the one that octets came from. */
export function namedTargets(connections: TransferConnections, name: string): TransferConnections {
  return {
    get limit() {
      return connections.limit;
    },
    use: (task, signal) => named(name, connections.use(task, signal)),
    close: () => connections.close(),
  };
}

function namedConnection(connection: TransferConnection, name: string): TransferConnection {
  return {
    name,
    place: namedPlace(connection.place, name),
    algorithm: connection.algorithm,
    download: (path, options) => named(name, connection.download(path, options)),
    upload: (path, options) => named(name, connection.upload(path, options)),
  };
}

async function named<Result>(name: string, result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    nameFailure(name, error);
    throw error;
  }
}

async function* namedBatches<Batch>(
  batches: AsyncIterable<Batch>,
  name: string,
): AsyncGenerator<Batch> {
  try {
    yield* batches;
  } catch (error) {
    nameFailure(name, error);
    throw error;
  }
}

/** Puts the name of a server before the message of a failure, once: it may pass through both sides. */
export function nameFailure(name: string | undefined, error: unknown): void {
  if (name === undefined || !isFailure(error) || NAMED.has(error)) return;
  NAMED.add(error);
  error.message = `${name}: ${error.message}`;
}
