import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TransferBuffers } from './buffer-pool.ts';
import { StreamChannel } from './data-channel.ts';
import { type OctetSink, receive } from './receive.ts';
import { Transfer } from './transfer.ts';

const MIB = 1024 * 1024;

/** Counts what is in use. */
class CountedBuffers extends TransferBuffers {
  readonly inUse = new Set<Buffer>();

  override takeSmall(): Buffer {
    return this.#count(super.takeSmall());
  }

  override takeLarge(): Buffer {
    return this.#count(super.takeLarge());
  }

  override give(buffer: Buffer): void {
    expect(this.inUse.delete(buffer)).toBe(true);
    super.give(buffer);
  }

  #count(buffer: Buffer): Buffer {
    this.inUse.add(buffer);
    return buffer;
  }
}

describe('receive', () => {
  let listener: Server;

  beforeAll(async () => {
    listener = createServer({ pauseOnConnect: true }).listen({ port: 0, host: '127.0.0.1' });
    await once(listener, 'listening');
  });
  afterAll(() => new Promise((resolve) => listener.close(resolve)));

  /** Both ends of a data connection. */
  async function connected(): Promise<{ client: Socket; connection: Socket }> {
    const accepted = once(listener, 'connection') as Promise<[Socket]>;
    const { port } = listener.address() as AddressInfo;
    const client = connect({ port, host: '127.0.0.1', noDelay: true });
    client.on('error', () => {});
    const [connection] = await accepted;
    connection.on('error', () => {});
    return { client, connection };
  }

  async function setUp(sink: OctetSink) {
    const ends = await connected();
    const buffers = new CountedBuffers();
    const description = { verb: 'STOR', path: '/a' };
    const transfer = new Transfer(description, { now: Date.now, onProgress: () => {} });
    const received = receive(new StreamChannel(ends.connection), sink, { transfer, buffers });
    return { ...ends, buffers, transfer, received };
  }

  /** The buffers come back once the socket has closed. */
  async function expectAllGivenBack({ inUse }: CountedBuffers): Promise<void> {
    await setImmediate();
    await setImmediate();
    expect(inUse.size).toBe(0);
  }

  function collector(): OctetSink & { octets(): Buffer } {
    const chunks: Buffer[] = [];
    return {
      write: async (octets) => void chunks.push(Buffer.from(octets)),
      octets: () => Buffer.concat(chunks),
    };
  }

  test('nothing is received of a client that sends nothing', async () => {
    const sink = collector();
    const { client, received, buffers } = await setUp(sink);
    client.end();
    await received;
    expect(sink.octets()).toHaveLength(0);
    await expectAllGivenBack(buffers);
  });

  test('a reset that comes together with the last octets is no end', async () => {
    const { client, connection } = await connected();
    await new Promise((resolve) => client.write('all there is', resolve));
    client.resetAndDestroy();
    await once(client, 'close');
    const sink = collector();
    const buffers = new CountedBuffers();
    const description = { verb: 'STOR', path: '/a' };
    const transfer = new Transfer(description, { now: Date.now, onProgress: () => {} });
    await expect(
      receive(new StreamChannel(connection), sink, { transfer, buffers }),
    ).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    await expectAllGivenBack(buffers);
  });

  test('every octet arrives, in order, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 12 }),
        async (sizes) => {
          const sink = collector();
          const { client, received, transfer, buffers } = await setUp(sink);
          const sent = sizes.map((size) => randomBytes(size));
          for (const octets of sent) {
            client.write(octets);
            await setImmediate();
          }
          client.end();
          await received;
          expect(sink.octets().equals(Buffer.concat(sent))).toBe(true);
          expect(transfer.movedBytes).toBe(sink.octets().length);
          await expectAllGivenBack(buffers);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('a slow sink makes the client wait, and loses nothing', async () => {
    const sent = randomBytes(24 * MIB);
    const chunks: Buffer[] = [];
    const waiting: (() => void)[] = [];
    let mostInFlight = 0;
    let inFlight = 0;
    const sink = {
      write: async (octets: Buffer) => {
        inFlight += 1;
        mostInFlight = Math.max(mostInFlight, inFlight);
        await new Promise<void>((resolve) => waiting.push(resolve));
        chunks.push(Buffer.from(octets));
        inFlight -= 1;
      },
    };
    const { client, received, transfer, buffers } = await setUp(sink);
    client.end(sent);
    let isDone = false;
    const done = received.then(() => {
      isDone = true;
    });
    await settled(() => transfer.movedBytes);
    // It holds a few buffers, and reads no more while they are not written.
    expect(transfer.movedBytes).toBeLessThan(6 * MIB);
    expect(buffers.inUse.size).toBeLessThanOrEqual(5);
    while (!isDone) {
      waiting.shift()?.();
      await setImmediate();
    }
    await done;
    expect(mostInFlight).toBe(1);
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
    await expectAllGivenBack(buffers);
  });

  test('a write that fails ends it with that error, and closes the connection', async () => {
    const failure = new Error('disk full');
    const { client, received, buffers } = await setUp({ write: () => Promise.reject(failure) });
    const closed = closing(client);
    client.write(randomBytes(3 * MIB));
    await expect(received).rejects.toBe(failure);
    await closed;
    await expectAllGivenBack(buffers);
  });

  test('a reset of the connection ends it with an error', async () => {
    const sink = collector();
    const { client, received, buffers } = await setUp(sink);
    const outcome = received.then(
      () => 'complete',
      (error: NodeJS.ErrnoException) => error.code,
    );
    client.write('abc');
    await until(() => sink.octets().length === 3);
    client.resetAndDestroy();
    expect(await outcome).toBe('ECONNRESET');
    await expectAllGivenBack(buffers);
  });

  test('an abort ends it with its reason', async () => {
    const sink = collector();
    const { client, received, transfer, buffers } = await setUp(sink);
    const reason = new Error('Aborted.');
    client.write('abc');
    await until(() => sink.octets().length === 3);
    transfer.abort(reason);
    await expect(received).rejects.toBe(reason);
    await expectAllGivenBack(buffers);
  });

  test('an abort waits for the write in flight, whose buffer is not given away before', async () => {
    const waiting: (() => void)[] = [];
    const sink = { write: () => new Promise<void>((resolve) => waiting.push(resolve)) };
    const { client, received, transfer, buffers } = await setUp(sink);
    const outcome = received.catch((error: Error) => error.message);
    client.write('abc');
    await until(() => waiting.length === 1);
    transfer.abort(new Error('Aborted.'));
    await setImmediate();
    await setImmediate();
    expect(buffers.inUse.size).toBe(1);
    waiting[0]?.();
    expect(await outcome).toBe('Aborted.');
    await expectAllGivenBack(buffers);
  });

  test('what has come while a write was in flight is written although the connection is lost', async () => {
    const waiting: (() => void)[] = [];
    const written: string[] = [];
    const sink = {
      write(octets: Buffer) {
        written.push(octets.toString());
        return new Promise<void>((resolve) => waiting.push(resolve));
      },
    };
    const { client, received, transfer, buffers } = await setUp(sink);
    const outcome = received.catch((error: NodeJS.ErrnoException) => error.code);
    client.write('abc');
    await until(() => waiting.length === 1);
    client.write('def');
    await until(() => transfer.movedBytes === 6);
    client.resetAndDestroy();
    waiting[0]?.();
    await until(() => waiting.length === 2);
    waiting[1]?.();
    expect(await outcome).toBe('ECONNRESET');
    expect(written).toEqual(['abc', 'def']);
    await expectAllGivenBack(buffers);
  });

  test('a transfer that was aborted before does not begin', async () => {
    const { client, connection } = await connected();
    const buffers = new CountedBuffers();
    const clock = { now: Date.now, onProgress: () => {} };
    const transfer = new Transfer({ verb: 'STOR', path: '/a' }, clock);
    transfer.abort(new Error('Aborted.'));
    const closed = closing(client);
    await expect(
      receive(new StreamChannel(connection), collector(), { transfer, buffers }),
    ).rejects.toThrow('Aborted.');
    await closed;
    await expectAllGivenBack(buffers);
  });
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await setImmediate();
}

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
