import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcpServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  connect as connectTls,
  createSecureContext,
  type SecureContext,
  TLSSocket,
} from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { type OctetConsumer, type OctetReader, readOctets } from '../data/octet-reader.ts';
import { type DataEnds, DataListener } from '../testing/data-ends.ts';
import {
  assumeRelease,
  decryptInto,
  descriptorOf,
  O_PATH,
  readAcceptedInto,
  sendNoTickets,
  unprovenRelease,
} from './node-internals.ts';

const MIB = 1024 * 1024;

/** A release on the list, whatever runs the tests: a new one is tried by this before it is added. */
const PROVEN = '24.0.0';
/** A release that nobody has tried. */
const UNKNOWN = '999.0.0';

let listener: DataListener;

beforeAll(async () => {
  listener = await DataListener.open();
});
afterAll(() => listener.close());
afterEach(() => assumeRelease(process.versions.node));

/** Takes octets into rooms of given sizes, one behind the other. */
class Taker implements OctetConsumer {
  readonly memory = Buffer.alloc(24 * MIB);
  receivedBytes = 0;
  /** The reading stops each time that this many octets more have come. */
  stopEveryBytes = Number.POSITIVE_INFINITY;
  outcome: 'ended' | Error | undefined;
  outcomes = 0;
  #stops = 0;
  #calls = 0;
  readonly #roomSizes: readonly number[];
  #wake = () => {};

  constructor(roomSizes: readonly number[] = [MIB]) {
    this.#roomSizes = roomSizes;
  }

  get octets(): Buffer {
    return this.memory.subarray(0, this.receivedBytes);
  }

  get stops(): number {
    return this.#stops;
  }

  room(): Uint8Array {
    const bytes = this.#roomSizes[this.#calls++ % this.#roomSizes.length] ?? MIB;
    return this.memory.subarray(this.receivedBytes, this.receivedBytes + bytes);
  }

  received(bytes: number): boolean {
    this.receivedBytes += bytes;
    const isToStop = this.receivedBytes >= (this.#stops + 1) * this.stopEveryBytes;
    if (isToStop) this.#stops += 1;
    this.#wake();
    return !isToStop;
  }

  ended(): void {
    this.#settle('ended');
  }

  failed(error: Error): void {
    this.#settle(error);
  }

  /** Resolves once the condition holds; looks at each event. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async settled(): Promise<'ended' | Error> {
    await this.until(() => this.outcome !== undefined);
    return this.outcome ?? 'ended';
  }

  #settle(outcome: 'ended' | Error): void {
    this.outcome = outcome;
    this.outcomes += 1;
    this.#wake();
  }
}

function written(socket: Socket, octets: Uint8Array): Promise<void> {
  return new Promise((resolve) => socket.write(octets, () => resolve()));
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await setImmediate();
}

const TRANSPORTS = [undefined, 'TLSv1.2', 'TLSv1.3'] as const;
const WAYS = ['private', 'public'] as const;
const CASES = TRANSPORTS.flatMap((version) => WAYS.map((way) => ({ version, way })));

describe.each(CASES)('$way interfaces, over $version:', ({ version, way }) => {
  let ends: DataEnds;
  let reader: OctetReader | undefined;

  beforeEach(async () => {
    assumeRelease(way === 'private' ? PROVEN : UNKNOWN);
    ends = await listener.connect(version);
  });
  afterEach(async () => {
    reader?.destroy();
    for (const socket of Object.values(ends)) socket.destroy();
  });

  function read(taker: Taker): OctetReader {
    reader = readOctets(ends.accepted, taker);
    return reader;
  }

  test('that way is taken', () => {
    const taker = new Taker();
    const { accepted } = ends;
    const direct =
      accepted instanceof TLSSocket
        ? decryptInto(accepted, taker)
        : readAcceptedInto(accepted, taker);
    if (direct instanceof Socket) direct.destroy();
    expect(direct !== undefined).toBe(way === 'private');
  });

  test.each([[[MIB]], [[1]], [[16_384]], [[16_383, 1, 70_000]], [[1000, 100_000]]])(
    'every octet comes to its place, in rooms of %j',
    async (roomSizes) => {
      const content = randomBytes(roomSizes[0] === 1 ? 10_000 : 3_000_000);
      const taker = new Taker(roomSizes);
      read(taker);
      for (let at = 0, size = 1; at < content.length; at += size, size = (size * 7) % 99_991) {
        ends.client.write(content.subarray(at, at + size));
      }
      ends.client.end();
      expect(await taker.settled()).toBe('ended');
      expect(taker.octets.equals(content)).toBe(true);
      expect(taker.outcomes).toBe(1);
    },
  );

  test('a large upload arrives', async () => {
    const content = randomBytes(20 * MIB);
    const taker = new Taker([64 * 1024, MIB]);
    read(taker);
    ends.client.end(content);
    expect(await taker.settled()).toBe('ended');
    expect(taker.octets.equals(content)).toBe(true);
  });

  test.each([1, 16_384, 40_000, 150_000])(
    '%i octets that came before the reading begins are not lost',
    async (bytes) => {
      const content = randomBytes(bytes);
      await written(ends.client, content);
      // Node decrypts ahead of the reader, up to its high-water mark.
      const aheadBytes = version === undefined ? 0 : Math.min(bytes, 40_000);
      while (ends.accepted.readableLength < aheadBytes) await setImmediate();
      const taker = new Taker([5000, 64 * 1024]);
      read(taker);
      ends.client.end('the end');
      expect(await taker.settled()).toBe('ended');
      expect(taker.octets.equals(Buffer.concat([content, Buffer.from('the end')]))).toBe(true);
    },
  );

  test('an end that came with all octets before the reading begins is an end', async () => {
    ends.client.end('all there is');
    await turns(20);
    const taker = new Taker();
    read(taker);
    expect(await taker.settled()).toBe('ended');
    expect(taker.octets.toString()).toBe('all there is');
  });

  test('nothing but an end is an end', async () => {
    const taker = new Taker();
    read(taker);
    ends.client.end();
    expect(await taker.settled()).toBe('ended');
    expect(taker.receivedBytes).toBe(0);
  });

  test('a consumer that has enough makes the client wait, and gets the rest later', async () => {
    const content = randomBytes(20 * MIB);
    const taker = new Taker([100_000]);
    taker.stopEveryBytes = 2 * MIB;
    reader = read(taker);
    ends.client.end(content);
    for (let stops = 1; stops <= 9; stops += 1) {
      await taker.until(() => taker.stops === stops);
      await turns(20);
      // Node may pass on what it had read from the system, and no more.
      expect(taker.receivedBytes).toBeLessThan(2 * MIB * stops + MIB);
      expect(taker.outcome).toBeUndefined();
      reader.resume();
    }
    await taker.until(() => taker.stops === 10 || taker.outcome !== undefined);
    reader.resume();
    expect(await taker.settled()).toBe('ended');
    expect(taker.octets.equals(content)).toBe(true);
  });

  test('a reset right behind the last octets is no end', async () => {
    for (const bytes of [1, 16_384, 100_000]) {
      const { client, raw, accepted } = await listener.connect(version);
      await written(client, Buffer.alloc(bytes));
      raw.resetAndDestroy();
      await once(raw, 'close');
      const taker = new Taker();
      const resetReader = readOctets(accepted, taker);
      expect(await taker.settled()).toMatchObject({ code: expect.stringMatching(/^E/) });
      expect(taker.outcomes).toBe(1);
      resetReader.destroy();
    }
  });

  test('a reset in the middle is no end', async () => {
    const taker = new Taker();
    read(taker);
    await written(ends.client, Buffer.alloc(100_000));
    await taker.until(() => taker.receivedBytes === 100_000);
    ends.raw.resetAndDestroy();
    expect(await taker.settled()).toMatchObject({ code: expect.stringMatching(/^E/) });
  });

  test('after a stop the buffers are not touched any more', async () => {
    const taker = new Taker();
    reader = read(taker);
    await written(ends.client, Buffer.alloc(100_000, 1));
    await taker.until(() => taker.receivedBytes === 100_000);
    taker.stopEveryBytes = 1;
    reader.stop();
    taker.memory.fill(0);
    ends.client.write(Buffer.alloc(4 * MIB, 1));
    await turns(50);
    expect(taker.memory.every((octet) => octet === 0)).toBe(true);
    reader.destroy();
  });

  test('the server can end the connection, and the client sees it', async () => {
    const taker = new Taker();
    reader = read(taker);
    await written(ends.client, Buffer.from('some'));
    await taker.until(() => taker.receivedBytes === 4);
    const closed = once(ends.client.resume(), 'close');
    reader.destroy();
    expect(await taker.settled()).toMatchObject({ code: 'ERR_SOCKET_CLOSED' });
    await closed;
  });

  test('the listener is told of the close of each connection', async () => {
    const before = await listener.connections();
    read(new Taker()).destroy();
    while ((await listener.connections()) === before) await setImmediate();
    expect(await listener.connections()).toBe(before - 1);
  });

  test('a connection that is closed already fails', async () => {
    ends.accepted.destroy();
    const taker = new Taker();
    read(taker);
    expect(await taker.settled()).toMatchObject({ code: 'ERR_SOCKET_CLOSED' });
  });
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('a TLS socket of the server, %s,', (version) => {
  test('fails if something else than TLS follows the handshake', async () => {
    const { raw, accepted } = await listener.connect(version);
    const closed = new Promise((resolve) => accepted.once('close', resolve));
    const failure = new Promise((resolve) => accepted.once('error', resolve));
    raw.write('this is not a record of TLS');
    await closed;
    expect(await failure).toMatchObject({ code: expect.stringMatching(/^ERR_SSL_/) });
    raw.destroy();
  });
});

describe('a private way is not taken', () => {
  const target = { room: () => Buffer.alloc(MIB), received: () => true };
  let plain: DataEnds;
  let secured: DataEnds;

  beforeEach(async () => {
    assumeRelease(PROVEN);
    plain = await listener.connect();
    secured = await listener.connect('TLSv1.3');
  });
  afterEach(() => {
    for (const socket of [plain, secured].flatMap((ends) => Object.values(ends))) socket.destroy();
  });

  test.each(['999.0.0', '23.5.0', '25.1.0'])('on Node %s, and the log says so', (release) => {
    assumeRelease(release);
    expect(readAcceptedInto(plain.accepted, target)).toBeUndefined();
    expect(decryptInto(secured.accepted as TLSSocket, target)).toBeUndefined();
    expect(unprovenRelease()).toEqual({ node: release, tested: [22, 24, 26] });
  });

  test('where the handle of a socket lacks a method', () => {
    for (const { accepted } of [plain, secured]) {
      Object.assign((accepted as unknown as { _handle: object })._handle, { readStop: undefined });
    }
    expect(readAcceptedInto(plain.accepted, target)).toBeUndefined();
    expect(decryptInto(secured.accepted as TLSSocket, target)).toBeUndefined();
  });

  test('where octets have been read already', async () => {
    for (const { client, accepted } of [plain, secured]) {
      client.write('some');
      accepted.resume();
      await once(accepted, 'data');
      accepted.pause();
    }
    secured.accepted.unshift('back');
    expect(readAcceptedInto(plain.accepted, target)).toBeUndefined();
    expect(decryptInto(secured.accepted as TLSSocket, target)).toBeUndefined();
  });
});

describe('a context that sends no tickets', () => {
  const contextOf = async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'x' }], {
      keyType: 'ec',
    });
    return createSecureContext({ cert, key });
  };

  /** The first octets that a TLS 1.3 server sends behind its handshake: those of tickets, or those of `text`. */
  async function ticketsBefore(text: string, context: SecureContext): Promise<number> {
    const server = createTcpServer((plain) => {
      const secured = new TLSSocket(plain, { isServer: true, secureContext: context });
      secured.on('error', () => {});
      secured.end(text);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const options = { minVersion: 'TLSv1.3', rejectUnauthorized: false } as const;
    const client = connectTls({ port, host: '127.0.0.1', ...options });
    let tickets = 0;
    client.on('session', () => {
      tickets += 1;
    });
    const [received] = await once(client, 'data');
    expect(String(received)).toBe(text);
    client.destroy();
    server.close();
    return tickets;
  }

  test('has none behind the handshake of TLS 1.3, which others have', async () => {
    assumeRelease(PROVEN);
    const context = await contextOf();
    expect(await ticketsBefore('before', context)).toBe(2);
    expect(sendNoTickets(context)).toBe(true);
    for (let count = 0; count < 3; count++) expect(await ticketsBefore('after', context)).toBe(0);
  });

  test('is not to be had on a release that is not proven', async () => {
    assumeRelease(UNKNOWN);
    const context = await contextOf();
    expect(sendNoTickets(context)).toBe(false);
    expect(await ticketsBefore('as before', context)).toBe(2);
  });
});

test('the descriptor of a listener is told while it listens, on a proven release', async () => {
  assumeRelease(PROVEN);
  const server = createTcpServer();
  expect(descriptorOf(server)).toBeUndefined();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(readlinkSync(`/proc/self/fd/${descriptorOf(server)}`)).toMatch(/^socket:/);
  assumeRelease(UNKNOWN);
  expect(descriptorOf(server)).toBeUndefined();
  server.close();
});

test('this release of Node is on the list', () => {
  expect(unprovenRelease()).toBeUndefined();
});

describe('O_PATH', () => {
  test('opens a file that may not be read, for its facts alone', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'myftp-path-'));
    const path = join(directory, 'secret');
    await writeFile(path, 'secret');
    await chmod(path, 0o000);
    const descriptor = openSync(path, O_PATH);
    expect(fstatSync(descriptor).size).toBe(6);
    expect(() => readSync(descriptor, Buffer.alloc(6))).toThrow('EBADF');
    closeSync(descriptor);
    await rm(directory, { recursive: true });
  });
});
