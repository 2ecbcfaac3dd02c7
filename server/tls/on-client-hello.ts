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
    const more: Buffer | null = connection.read();
    if (more === null) return;
    seen = seen === undefined ? more : Buffer.concat([seen, more]);
    const hello = readClientHello(seen);
    if (hello === 'incomplete') return;
    connection.removeListener('readable', look);
    connection.unshift(seen);
    callback(hello);
  };
  connection.on('readable', look);
}
