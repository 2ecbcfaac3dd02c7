import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { DataConnectionError } from '../errors.ts';
import { silentLogs } from '../logging.ts';
import type { Invitation } from './invitation.ts';
import { PassivePorts, type PortRange } from './passive-ports.ts';

const PEER = '127.0.0.1';
const OTHER_PEER = '127.0.0.2';

describe('PassivePorts', () => {
  const cleanUps: (() => unknown)[] = [];
  let nowMs = 0;

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    nowMs = 0;
  });

  async function open(range?: PortRange): Promise<PassivePorts> {
    const now = () => nowMs;
    const ports = new PassivePorts({ host: '127.0.0.1', range, log: silentLogs().server, now });
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

  async function taken(invitation: Invitation): Promise<Socket> {
    const connection = await new Promise<Socket>((resolve) => invitation.take(resolve));
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

  async function listenOn(port: number): Promise<{ server: Server; port: number }> {
    const server = createServer().listen({ port, host: '127.0.0.1' });
    await once(server, 'listening');
    return { server, port: (server.address() as AddressInfo).port };
  }

  test('the connection belongs to who was invited, and comes paused', async () => {
    const ports = await open();
    const invitation = await ports.expect(PEER);
    const client = await dial(invitation.port);
    const connection = await taken(invitation);
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

  test('a connection that nobody expects is dropped, and harms nobody', async () => {
    const ports = await open();
    const invitation = await ports.expect(PEER);
    const first = await dial(invitation.port);
    const stranger = await dial(invitation.port);
    await once(stranger.resume(), 'close');
    expect((await taken(invitation)).remotePort).toBe(first.localPort);
  });

  test('a connection from another address is dropped and the invitation stays open', async () => {
    const ports = await open();
    const invitation = await ports.expect(PEER);
    const thief = await dial(invitation.port, OTHER_PEER);
    await once(thief.resume(), 'close');
    const client = await dial(invitation.port);
    expect((await taken(invitation)).remotePort).toBe(client.localPort);
  });

  test('a cancelled invitation closes what has come and expects nothing more', async () => {
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
    const ports = await open();
    const seen = new Set<number>();
    for (let count = 0; count < 16; count += 1) {
      const invitation = await ports.expect(PEER);
      seen.add(invitation.port);
      invitation.cancel();
    }
    expect(seen.size).toBeGreaterThan(8);
  });

  describe('with a range', () => {
    test('only its ports are used, each by one invitation of an address', async () => {
      const range = await freeRange(3);
      const ports = await open(range);
      const invited = [
        await ports.expect(PEER),
        await ports.expect(PEER),
        await ports.expect(PEER),
      ];
      expect(invited.map(({ port }) => port).sort()).toEqual([
        range.first,
        range.first + 1,
        range.last,
      ]);
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

    test('a port is free again when its connection has come, or the invitation is cancelled', async () => {
      const ports = await open(await freeRange(1));
      for (let turn = 0; turn < 20; turn += 1) {
        const invitation = await ports.expect(PEER);
        if (turn % 2 === 0) invitation.cancel();
        else {
          await dial(invitation.port);
          await taken(invitation);
        }
      }
    });

    test('of invitations that nobody has taken up for long, the oldest gives way', async () => {
      const ports = await open(await freeRange(2));
      const oldest = await ports.expect(PEER);
      nowMs = 1000;
      await ports.expect(PEER);
      nowMs = 29_999;
      await expect(ports.expect(PEER)).rejects.toThrow(DataConnectionError);
      nowMs = 30_000;
      expect((await ports.expect(PEER)).port).toBe(oldest.port);
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
