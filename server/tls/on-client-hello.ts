import type { Socket } from 'node:net';
import { type ClientHello, readClientHello } from './client-hello.ts';

/** Octets that were read already: a connection may be examined before it is wrapped. */
const helloOf = new WeakMap<Socket, { readonly hello: ClientHello | undefined }>();

/**
 * Calls back once the ClientHello of a connection that was accepted paused has come, with what it says; at once if it was
 * read before. Its octets stay in the socket for the TLS library. Nothing is called if the connection ends before.
 *
 * @returns stops the reading, so that it can begin again.
 */
export function onClientHello(
  connection: Socket,
  callback: (hello: ClientHello | undefined) => void,
): () => void {
  const known = helloOf.get(connection);
  if (known !== undefined) {
    callback(known.hello);
    return () => {};
  }
  let seen: Buffer | undefined;
  const look = () => {
    // One chunk at a time in Node 26, all of them before.
    const chunks = seen === undefined ? [] : [seen];
    for (let more = connection.read(); more !== null; more = connection.read()) chunks.push(more);
    if (chunks.length === 0) return;
    seen = Buffer.concat(chunks);
    const hello = readClientHello(seen);
    if (hello === 'incomplete') return;
    helloOf.set(connection, { hello });
    stop();
    callback(hello);
  };
  const stop = () => {
    connection.removeListener('readable', look);
    if (seen !== undefined && !connection.destroyed) connection.unshift(seen);
    seen = undefined;
  };
  connection.on('readable', look);
  return stop;
}
