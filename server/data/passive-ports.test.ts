import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DataConnectionError } from '../errors/errors.ts';
import { silentLogs } from '../logging/logging.ts';
import type { ExpectedConnection } from './expected-connection.ts';
import type { PortRange } from './passive-port-pool.ts';
import { PassivePorts } from './passive-ports.ts';

const PEER = '127.0.0.1';
const OTHER_PEER = '127.0.0.2';

describe('PassivePorts', () => {
  const cleanUps: (() => unknown)[] = [];
  let nowMs = 0;

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    nowMs = 0;
  });

  async function open(range?: PortRange, maxOpen = 64): Promise<PassivePorts> {
    const now = () => nowMs;
    const ports = new PassivePorts({
      host: '127.0.0.1',
      range,
      maxOpen,
      log: silentLogs().server,
      now,
    });
    cleanUps.push(() => ports.close());
    await ports.open();
    return ports;
  }

  async function dial(port: number, localAddress = PEER): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => {});
    cleanUps.push(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  }

  async function isRefused(port: number): Promise<boolean> {
    const socket = connect({ port, host: '127.0.0.1' });
    cleanUps.push(() => socket.destroy());
    return await new Promise((resolve) => {
      socket.on('connect', () => resolve(false)).on('error', () => resolve(true));
    });
  }

  async function taken(expected: ExpectedConnection, holdMs = 10): Promise<Socket> {
    const connection = await new Promise<Socket>((found, failed) =>
      expected.take({ found, failed, holdMs: () => holdMs }),
    );
    cleanUps.push(() => connection.destroy());
    return connection;
  }

  /** Ports that nothing listens on, in a row. */
  async function freeRange(size: number): Promise<PortRange> {
    for (;;) {
      const { server, port } = await listenOn(0);
      server.close();
      const held: Server[] = [];
      try {
        for (let at = 0; at < size; at += 1) held.push((await listenOn(port + at)).server);
        return { first: port, last: port + size - 1 };
      } catch {
        // One of them was in use; elsewhere then.
      } finally {
        await Promise.all(held.map((one) => new Promise((resolve) => one.close(resolve))));
      }
    }
  }

  /** Lets the event loop go round until it is so. */
  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) await new Promise(setImmediate);
  }

  async function listenOn(port: number): Promise<{ server: Server; port: number }> {
    const server = createServer().listen({ port, host: '127.0.0.1' });
    await once(server, 'listening');
    return { server, port: (server.address() as AddressInfo).port };
  }

  test('the connection belongs to the expected client, and comes paused', async () => {
    const ports = await open();
    const expected = await ports.expect(PEER);
    const client = await dial(expected.port);
    const connection = await taken(expected);
    expect(connection.remotePort).toBe(client.localPort);
    expect(connection.isPaused()).toBe(true);
  });

  test('it may come before anybody asks for it, and after', async () => {
    const ports = await open();
    const [early, late] = [await ports.expect(PEER), await ports.expect(PEER)];
    await dial(early.port);
    const wanted = taken(late);
    await dial(late.port);
    await expect(Promise.all([taken(early), wanted])).resolves.toHaveLength(2);
  });

  test('a connection that comes after the transfer has begun is dropped, and does no harm', async () => {
    const ports = await open();
    const expected = await ports.expect(PEER);
    const first = await dial(expected.port);
    expect((await taken(expected)).remotePort).toBe(first.localPort);
    const stranger = await dial(expected.port);
    await once(stranger.resume(), 'close');
    expect(first.destroyed).toBe(false);
  });

  test('a connection from another address is dropped and the expected one is still possible', async () => {
    const ports = await open();
    const expected = await ports.expect(PEER);
    const thief = await dial(expected.port, OTHER_PEER);
    await once(thief.resume(), 'close');
    const client = await dial(expected.port);
    expect((await taken(expected)).remotePort).toBe(client.localPort);
  });

  test('two connections before the transfer are one too many: both are closed, and it fails', async () => {
    const ports = await open();
    const expected = await ports.expect(PEER);
    const both = [await dial(expected.port), await dial(expected.port)];
    const closed = Promise.all(both.map((one) => once(one.resume(), 'close')));
    await expect(taken(expected)).rejects.toThrow(/Several connections/);
    await closed;
  });

  describe('to an address that has made unexpected connections', () => {
    async function openNoisily(): Promise<PassivePorts> {
      const ports = await open();
      const noisy = await ports.expect(PEER);
      await dial(noisy.port);
      await taken(noisy);
      for (let count = 0; count < 3; count += 1) {
        await once((await dial(noisy.port)).resume(), 'close');
      }
      return ports;
    }

    test('the first connection waits for a second one, which makes both uncertain', async () => {
      const ports = await openNoisily();
      const expected = await ports.expect(PEER);
      const thief = await dial(expected.port);
      const closed = once(thief.resume(), 'close');
      const outcome = taken(expected, 20_000);
      await dial(expected.port);
      await expect(outcome).rejects.toThrow(DataConnectionError);
      await closed;
    });

    test('a connection that remains the only one is handed over', async () => {
      const ports = await openNoisily();
      const expected = await ports.expect(PEER);
      const client = await dial(expected.port);
      expect(expected.isCertain).toBe(false);
      expect((await taken(expected)).remotePort).toBe(client.localPort);
    });

    test('nothing waits for another address, nor after a while', async () => {
      const ports = await openNoisily();
      const other = await ports.expect(OTHER_PEER);
      await dial(other.port, OTHER_PEER);
      await until(() => other.isCertain);
      nowMs = 15_000;
      const expected = await ports.expect(PEER);
      await dial(expected.port);
      await until(() => expected.isCertain);
    });
  });

  test('in a storm of unexpected connections only ports in use are open', async () => {
    const ports = await open();
    const [open1, idle] = [await ports.expect(PEER), await ports.expect(PEER)];
    idle.cancel();
    await dial(idle.port);
    for (let count = 1; count < 100; count += 1) await dial(idle.port);
    await until(() => isRefused(idle.port));
    await dial(open1.port, OTHER_PEER);
    const next = await ports.expect(PEER);
    const client = await dial(next.port);
    expect((await taken(next)).remotePort).toBe(client.localPort);
    expect(await isRefused(next.port)).toBe(true);
  });

  test('a cancelled expectation closes what has come and lets nothing more in', async () => {
    const ports = await open();
    const [came, notCome] = [await ports.expect(PEER), await ports.expect(PEER)];
    const client = await dial(came.port);
    const closed = once(client.resume(), 'close');
    const late = closed.then(() => dial(notCome.port));
    came.cancel();
    notCome.cancel();
    await once((await late).resume(), 'close');
  });

  test('ports that the system chooses are many before one is used again', async () => {
    const ports = await open(undefined, 500);
    const seen = new Set<number>();
    for (let count = 0; count < 100; count += 1) {
      const expected = await ports.expect(PEER);
      seen.add(expected.port);
      expected.cancel();
    }
    expect(seen.size).toBeGreaterThan(80);
  });

  test('no more ports are open than there may be', async () => {
    const ports = await open(undefined, 2);
    const seen = new Set<number>();
    for (let count = 0; count < 20; count += 1) {
      const expected = await ports.expect(PEER);
      seen.add(expected.port);
      expected.cancel();
    }
    expect(seen.size).toBe(2);
  });

  describe('with a range', () => {
    test('only its ports are used, each for one expected connection of an address', async () => {
      const range = await freeRange(3);
      const ports = await open(range);
      const expected = [
        await ports.expect(PEER),
        await ports.expect(PEER),
        await ports.expect(PEER),
      ];
      expect(expected.map(({ port }) => port).sort()).toEqual([
        range.first,
        range.first + 1,
        range.last,
      ]);
    });

    test('all of it is used, even if not all ports may be open at once', async () => {
      const range = await freeRange(6);
      const ports = await open(range, 2);
      const seen = new Set<number>();
      await until(async () => {
        const expected = await ports.expect(PEER);
        await dial(expected.port);
        await taken(expected);
        return seen.add(expected.port).size === 6;
      });
    });

    test('two addresses share a port only if none is free', async () => {
      const ports = await open(await freeRange(8));
      const used = new Set<number>();
      for (let count = 0; count < 4; count += 1) {
        used.add((await ports.expect(PEER)).port).add((await ports.expect(OTHER_PEER)).port);
      }
      expect(used.size).toBe(8);
    });

    test('one port serves several addresses at once', async () => {
      const range = await freeRange(1);
      const ports = await open(range);
      const [one, other] = [await ports.expect(PEER), await ports.expect(OTHER_PEER)];
      const otherClient = await dial(other.port, OTHER_PEER);
      const client = await dial(one.port, PEER);
      expect((await taken(one)).remotePort).toBe(client.localPort);
      expect((await taken(other)).remotePort).toBe(otherClient.localPort);
    });

    test('an address that uses all of it is told so', async () => {
      const ports = await open(await freeRange(2));
      await ports.expect(PEER);
      await ports.expect(PEER);
      await expect(ports.expect(PEER)).rejects.toThrow(DataConnectionError);
      await expect(ports.expect(OTHER_PEER)).resolves.toBeDefined();
    });

    test('addresses of one IPv6 /64 share it like one address', async () => {
      const ports = await open(await freeRange(1));
      await ports.expect('2001:db8::1');
      await expect(ports.expect('2001:db8::2')).rejects.toThrow(DataConnectionError);
      await expect(ports.expect('2001:db8:0:1::1')).resolves.toBeDefined();
    });

    test('a neighbour in the IPv6 /64 of a client is not expected', async () => {
      const ports = await open(await freeRange(1));
      const expected = await ports.expect('2001:db8::1');
      expect(expected.isFor('2001:db8::2')).toBe(false);
      expect(expected.isFor('2001:db8:0::1')).toBe(true);
    });

    test('a port is free again when its connection has come, or is cancelled', async () => {
      const ports = await open(await freeRange(1));
      for (let turn = 0; turn < 20; turn += 1) {
        const expected = await ports.expect(PEER);
        if (turn % 2 === 0) expected.cancel();
        else {
          await dial(expected.port);
          await taken(expected);
        }
      }
    });

    test('of connections that no transfer has wanted for long, the oldest gives way', async () => {
      const ports = await open(await freeRange(2));
      const oldest = await ports.expect(PEER);
      nowMs = 1000;
      await ports.expect(PEER);
      nowMs = 29_999;
      await expect(ports.expect(PEER)).rejects.toThrow(DataConnectionError);
      nowMs = 30_000;
      expect((await ports.expect(PEER)).port).toBe(oldest.port);
    });

    test('an account that holds all of it gives way to another one at its address', async () => {
      const ports = await open(await freeRange(4));
      const [ANNA, BERT] = [1, 2];
      const held: ExpectedConnection[] = [];
      for (nowMs = 1; nowMs <= 4; nowMs += 1) held.push(await ports.expect(PEER, ANNA));
      const given = [await ports.expect(PEER, BERT), await ports.expect(PEER, BERT)];
      expect(given.map(({ port }) => port)).toEqual(held.slice(0, 2).map(({ port }) => port));
      await expect(taken(held[0] as ExpectedConnection)).rejects.toThrow(/needed the passive port/);
      await dial((given[0] as ExpectedConnection).port);
      await taken(given[0] as ExpectedConnection);
      for (const account of [ANNA, BERT]) await ports.expect(PEER, account);
      await expect(ports.expect(PEER, ANNA)).rejects.toThrow(DataConnectionError);
    });

    test('a port whose connection has come serves the next one, if there is no other', async () => {
      const ports = await open(await freeRange(1));
      const first = await ports.expect(PEER);
      const client = await dial(first.port);
      await until(() => first.isCertain);
      const second = await ports.expect(PEER);
      const other = await dial(second.port);
      expect((await taken(second)).remotePort).toBe(other.localPort);
      expect((await taken(first)).remotePort).toBe(client.localPort);
    });

    test('asking at once gives each its own port, and no more than there are', async () => {
      const ports = await open(await freeRange(4));
      const asked = await Promise.allSettled(Array.from({ length: 6 }, () => ports.expect(PEER)));
      const granted = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value.port] : []));
      expect(new Set(granted).size).toBe(4);
      expect(granted).toHaveLength(4);
    });

    test('a port that another program holds is passed over', async () => {
      const range = await freeRange(2);
      const { server } = await listenOn(range.first);
      cleanUps.push(() => server.close());
      const ports = await open(range);
      expect((await ports.expect(PEER)).port).toBe(range.last);
      await expect(ports.expect(PEER)).rejects.toThrow(DataConnectionError);
    });

    test('a range that others hold is found at the start', async () => {
      const range = await freeRange(1);
      const { server } = await listenOn(range.first);
      cleanUps.push(() => server.close());
      await expect(open(range)).rejects.toThrow('in use by other programs');
    });
  });
});
