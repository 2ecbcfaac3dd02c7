import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../../server/testing/test-server.ts';
import { Failure } from '../../errors/failure.ts';
import type { RemoteSession } from '../remote-session.ts';
import { chunksOf, connectAnna, Gathered } from '../testing/test-site.ts';
import { ConnectionPool, type PooledConnection } from './connection-pool.ts';

/** A connection that does nothing; the pool only opens and closes it. */
class FakeConnection {
  isOpen = true;

  async close(): Promise<void> {
    this.isOpen = false;
  }
}

/** A server that has room for so many. */
class FakeServer {
  attempts = 0;
  readonly opened: FakeConnection[] = [];
  readonly #room: number;
  readonly #refusal: Failure;

  constructor(room = Infinity, refusal = new Failure('network', '421 Too many.', { code: 421 })) {
    this.#room = room;
    this.#refusal = refusal;
  }

  readonly open = async (): Promise<PooledConnection> => {
    this.attempts += 1;
    if (this.opened.filter(({ isOpen }) => isOpen).length >= this.#room) throw this.#refusal;
    const connection = new FakeConnection();
    this.opened.push(connection);
    return connection as unknown as PooledConnection;
  };
}

/** Tasks that run until they are told to end. */
class Tasks {
  readonly running: number[] = [];
  most = 0;
  readonly #ends = new Map<number, () => void>();

  task(id: number): () => Promise<number> {
    return async () => {
      this.running.push(id);
      this.most = Math.max(this.most, this.running.length);
      await new Promise<void>((resolve) => this.#ends.set(id, resolve));
      this.running.splice(this.running.indexOf(id), 1);
      return id;
    };
  }

  end(id: number): void {
    this.#ends.get(id)?.();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a pool', () => {
  test('opens as many as are wanted and at most its limit, first come first served', async () => {
    const server = new FakeServer();
    const pool = new ConnectionPool({ open: server.open, limit: 2 });
    const tasks = new Tasks();
    const done = [1, 2, 3, 4].map((id) => pool.use(tasks.task(id)));
    await settled();
    expect(tasks.running).toEqual([1, 2]);
    tasks.end(1);
    await settled();
    expect(tasks.running).toEqual([2, 3]);
    for (const id of [2, 3]) tasks.end(id);
    await settled();
    tasks.end(4);
    expect(await Promise.all(done)).toEqual([1, 2, 3, 4]);
    expect(server.opened).toHaveLength(2);
    await pool.close();
    expect(server.opened.map(({ isOpen }) => isOpen)).toEqual([false, false]);
  });

  test.each([421, 530])('asks for one fewer after %i, and the task gets its turn', async (code) => {
    const server = new FakeServer(1, new Failure('login', 'no', { code }));
    const pool = new ConnectionPool({ open: server.open, limit: 3 });
    const tasks = new Tasks();
    const done = [1, 2, 3].map((id) => pool.use(tasks.task(id)));
    await settled();
    expect(tasks.running).toEqual([1]);
    expect(pool.limit).toBe(1);
    for (const id of [1, 2, 3]) {
      for (let turn = 0; !tasks.running.includes(id) && turn < 10; turn += 1) await settled();
      tasks.end(id);
    }
    expect((await Promise.all(done)).sort()).toEqual([1, 2, 3]);
    expect(tasks.most).toBe(1);
    await pool.close();
  });

  test('a refusal with no other connection is the failure of the task', async () => {
    const server = new FakeServer(0);
    const pool = new ConnectionPool({ open: server.open });
    await expect(pool.use(async () => 1)).rejects.toMatchObject({ code: 421 });
    expect(pool.limit).toBe(3);
  });

  test('uses its spare connection if the server lets in no other, and leaves it open', async () => {
    const server = new FakeServer(0);
    const spare = new FakeConnection() as unknown as PooledConnection;
    const pool = new ConnectionPool({ open: server.open, spare, limit: 3 });
    const used = await Promise.all([1, 2, 3, 4].map(() => pool.use(async (one) => one)));
    expect(used).toEqual([spare, spare, spare, spare]);
    expect([pool.limit, server.attempts]).toEqual([1, 3]);
    await pool.close();
    expect(spare.isOpen).toBe(true);
  });

  test('who waits can leave, and takes no turn from others', async () => {
    const pool = new ConnectionPool({ open: new FakeServer().open, limit: 1 });
    const tasks = new Tasks();
    const first = pool.use(tasks.task(1));
    const leaving = new AbortController();
    const second = pool.use(tasks.task(2), leaving.signal);
    const third = pool.use(tasks.task(3));
    leaving.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    tasks.end(1);
    await first;
    await settled();
    expect(tasks.running).toEqual([3]);
    tasks.end(3);
    expect(await third).toBe(3);
  });

  test('a connection that was lost or has rested is not used again', async () => {
    const server = new FakeServer();
    const pool = new ConnectionPool({ open: server.open, idleMs: 1 });
    await pool.use(async () => {
      for (const one of server.opened) one.isOpen = false;
    });
    await pool.use(async () => {});
    expect(server.opened).toHaveLength(2);
    while (server.opened[1]?.isOpen) await settled();
    await pool.use(async () => {});
    expect(server.opened).toHaveLength(3);
    await pool.close();
  });

  test('a failed task gives its turn back', async () => {
    const pool = new ConnectionPool({ open: new FakeServer().open, limit: 1 });
    await expect(pool.use(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await pool.use(async () => 'next')).toBe('next');
  });

  test('after closing nothing is opened', async () => {
    const server = new FakeServer();
    const pool = new ConnectionPool({ open: server.open, limit: 1 });
    const tasks = new Tasks();
    const running = pool.use(tasks.task(1));
    const waiting = pool.use(tasks.task(2));
    await settled();
    const closing = pool.close();
    await expect(waiting).rejects.toThrow('closed');
    await expect(pool.use(tasks.task(3))).rejects.toThrow('closed');
    tasks.end(1);
    await Promise.all([running, closing]);
    expect(server.opened.map(({ isOpen }) => isOpen)).toEqual([false]);
  });
});

describe('a pool over a server', () => {
  let server: TestServer;
  let session: RemoteSession;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { maxSessionsPerUser: 3 } });
    const client = await server.signUp();
    await client.command('QUIT');
    await client.close();
    session = await connectAnna(server.port);
  });
  afterAll(async () => {
    await session.close();
    await server.dispose();
  });

  test('moves more files than the account may have sessions', async () => {
    const pool = new ConnectionPool({ open: (signal) => session.openAnother(signal), limit: 8 });
    const paths = Array.from({ length: 24 }, (_, at) => `/file-${at}`);
    const content = (path: string) => Buffer.alloc(200_000, path);
    await Promise.all(
      paths.map((path) =>
        pool.use((connection) => connection.upload(path, { source: chunksOf(content(path)) })),
      ),
    );
    expect(pool.limit).toBeLessThan(8);
    await Promise.all(
      paths.map((path) =>
        pool.use(async (connection) => {
          const gathered = new Gathered();
          await connection.download(path, { sink: gathered.sink });
          expect(gathered.octets.equals(content(path))).toBe(true);
        }),
      ),
    );
    await pool.close();
  });
});
