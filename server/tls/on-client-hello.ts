import type { Socket } from 'node:net';
import { type ClientHello, readClientHello } from './client-hello.ts';

/**
 * Calls back once the ClientHello of a connection that was accepted paused has come, with what it says. Its octets stay in the
 * socket for the TLS library. Nothing is called if the connection ends before.
 */
export function onClientHello(
  connection: Socket,
  callback: (hello: ClientHello | undefined) => void,
): void {
  let seen: Buffer | undefined;
  const look = () => {
    // One chunk at a time in Node 26, all of them before.
    const chunks = seen === undefined ? [] : [seen];
    for (let more = connection.read(); more !== null; more = connection.read()) chunks.push(more);
    if (chunks.length === 0) return;
    seen = Buffer.concat(chunks);
    const hello = readClientHello(seen);
    if (hello === 'incomplete') return;
    connection.removeListener('readable', look);
    connection.unshift(seen);
    callback(hello);
  };
  connection.on('readable', look);
}
