import type {
  TransferConnection,
  TransferConnections,
} from '../remote/data/transfer-connection.ts';

/** The same connections, which compute no checksums. */
export function withoutChecksums(connections: TransferConnections): TransferConnections {
  return {
    get limit() {
      return connections.limit;
    },
    use: (task, signal) =>
      connections.use((connection) => task(withoutChecksum(connection)), signal),
    close: () => connections.close(),
  };
}

function withoutChecksum(connection: TransferConnection): TransferConnection {
  return {
    place: connection.place,
    algorithm: undefined,
    download: (path, options) => connection.download(path, options),
    upload: (path, options) => connection.upload(path, options),
  };
}
