import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DiskFailureError, TransferAbortedError } from '../errors/errors.ts';
import { TransferBuffers } from './buffer-pool.ts';
import { StreamChannel } from './data-channel.ts';
import { fileChunks, readSmall, sendChunks, sendRange, sendWhole } from './send.ts';
import { Transfer } from './transfer.ts';

const MIB = 1024 * 1024;

describe('sending', () => {
  const content = randomBytes(5 * MIB + 7);
  let directory: string;
  let descriptor: number;
  let listener: Server;
  const connections: Socket[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-send-'));
    await writeFile(join(directory, 'file'), content);
    descriptor = fs.openSync(join(directory, 'file'), 'r');
    listener = createServer({ pauseOnConnect: true }).listen({ port: 0, host: '127.0.0.1' });
    await once(listener, 'listening');
  });
  afterAll(async () => {
    fs.closeSync(descriptor);
    await rm(directory, { recursive: true });
    // A sender never reads, so that it does not see the end that the client has sent.
    for (const connection of connections) connection.destroy();
    await new Promise((resolve) => listener.close(resolve));
  });

  async function setUp() {
    const accepted = once(listener, 'connection') as Promise<[Socket]>;
    const { port } = listener.address() as AddressInfo;
    const client = connect({ port, host: '127.0.0.1' });
    client.on('error', () => {});
    const [connection] = await accepted;
    connection.on('error', () => {});
    connections.push(connection);
    const clock = { now: Date.now, onProgress: () => {} };
    const transfer = new Transfer({ verb: 'RETR', path: '/a' }, clock);
    transfer.signal.addEventListener('abort', () => connection.destroy());
    return { client, connection, transfer, buffers: new TransferBuffers() };
  }

  async function arriving(client: Socket): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of client) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  test.each([
    [0, content.length],
    [1, content.length],
    [MIB, 3 * MIB],
    [MIB - 1, 2 * MIB + 1],
    [content.length - 1, content.length],
    [content.length, content.length],
  ])('sendRange sends the octets %i to %i', async (startBytes, endBytes) => {
    const { client, connection, transfer, buffers } = await setUp();
    const arrived = arriving(client);
    const range = { descriptor, startBytes, endBytes };
    await sendRange(new StreamChannel(connection), range, { transfer, buffers });
    expect((await arrived).equals(content.subarray(startBytes, endBytes))).toBe(true);
    expect(transfer.movedBytes).toBe(endBytes - startBytes);
  });

  test('sendWhole sends all at once and ends the data connection', async () => {
    const { client, connection, transfer } = await setUp();
    const arrived = arriving(client);
    await sendWhole(new StreamChannel(connection), Buffer.from('hello'), transfer);
    expect((await arrived).toString()).toBe('hello');
    expect(transfer.movedBytes).toBe(5);
  });

  test('sendChunks sends chunk by chunk', async () => {
    const { client, connection, transfer } = await setUp();
    const arrived = arriving(client);
    await sendChunks(
      new StreamChannel(connection),
      ['a', 'bc', 'd'].map(Buffer.from.bind(Buffer)),
      transfer,
    );
    expect((await arrived).toString()).toBe('abcd');
  });

  test('fileChunks reads a range in order', async () => {
    const chunks: Buffer[] = [];
    const range = { descriptor, startBytes: 3, endBytes: 200_000 };
    for await (const chunk of fileChunks(range)) chunks.push(Buffer.from(chunk));
    expect(Buffer.concat(chunks).equals(content.subarray(3, 200_000))).toBe(true);
  });

  test('a file that becomes shorter meanwhile is a failure, not an early end', async () => {
    const { client, connection, transfer, buffers } = await setUp();
    client.resume();
    const range = { descriptor, startBytes: 0, endBytes: content.length + 1 };
    await expect(
      sendRange(new StreamChannel(connection), range, { transfer, buffers }),
    ).rejects.toThrow(DiskFailureError);
    const small = { descriptor, startBytes: content.length, endBytes: content.length + 1 };
    await expect(readSmall(small, buffers)).rejects.toThrow(DiskFailureError);
    client.destroy();
    connection.destroy();
  });

  test('a client that does not read holds the sending up, and an abort ends it', async () => {
    const { connection, transfer, buffers, client } = await setUp();
    client.pause();
    const endless = async function* () {
      for (;;) yield Buffer.alloc(MIB);
    };
    const sending = sendChunks(new StreamChannel(connection), endless(), transfer);
    const outcome = sending.then(
      () => 'complete',
      (error: unknown) => transfer.failure(error),
    );
    await settled(() => transfer.movedBytes);
    expect(transfer.movedBytes).toBeLessThan(64 * MIB);
    const reason = new TransferAbortedError('Aborted.');
    transfer.abort(reason);
    expect(await outcome).toBe(reason);
    expect(buffers.takeLarge()).toHaveLength(MIB);
    client.destroy();
  });

  test('a client that has gone is told as such', async () => {
    const { connection, transfer, client } = await setUp();
    client.resetAndDestroy();
    await closing(connection);
    const outcome = await sendWhole(new StreamChannel(connection), content, transfer).catch(
      (error: unknown) => transfer.failure(error),
    );
    expect(outcome).toBeInstanceOf(TransferAbortedError);
  });
});

/** Also of a socket that fails: `once` of node:events would then reject. */
function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.resume().once('close', resolve));
}

/** Resolves when the number has not changed for many turns of the event loop. */
async function settled(read: () => number): Promise<void> {
  for (let last = -1, quietTurns = 0; quietTurns < 2000; quietTurns += 1) {
    const now = read();
    if (now !== last || now === 0) quietTurns = 0;
    last = now;
    await setImmediate();
  }
}
