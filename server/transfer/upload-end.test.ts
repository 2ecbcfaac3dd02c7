import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Settings } from '../config/settings.ts';
import { inBlocks } from '../testing/blocks.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const CONTENT = 'the whole file';
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

type Outcome = 'published' | 'partial' | 'nothing';

/** A server on which uploads end in many ways. */
class Scene {
  server: TestServer;
  /** Tells what has become of them. */
  observer: ControlClient;
  #count = 0;

  private constructor(server: TestServer, observer: ControlClient) {
    this.server = server;
    this.observer = observer;
  }

  static async open(settings: Partial<Settings> = {}): Promise<Scene> {
    const server = await TestServer.start({ settings });
    return new Scene(server, await server.signUp());
  }

  newName(): string {
    this.#count += 1;
    return `file-${this.#count}`;
  }

  /** Waits until the upload has ended in one way or another. */
  async outcomeOf(name: string): Promise<Outcome> {
    for (;;) {
      const facts = (await this.observer.command(`MLST ${name}`)).lines.join();
      if (facts.includes('X.partial')) return 'partial';
      const content = await readFile(join(this.server.rootDir, 'anna', name), 'utf8').catch(
        () => undefined,
      );
      if (content !== undefined) return content === CONTENT ? 'published' : 'nothing';
    }
  }
}

/** Ends the control connection as a process that exits does. */
function leave(client: ControlClient, lastLine = ''): void {
  client.socket.end(lastLine);
}

describe('an upload whose data ended in order before the client left', () => {
  let scene: Scene;
  let client: ControlClient;

  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene.server.dispose());
  beforeEach(async () => {
    client = await scene.server.login();
  });

  async function begun(...lines: string[]): Promise<{ name: string; data: Socket }> {
    for (const line of lines) expect((await client.command(line)).code).toBeLessThan(400);
    const name = scene.newName();
    const data = await client.openData();
    expect((await client.command(`STOR ${name}`)).code).toBe(150);
    return { name, data };
  }

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('with QUIT is published (%i)', async () => {
    const { name, data } = await begun();
    data.end(CONTENT);
    leave(client, 'QUIT\r\n');
    expect(await scene.outcomeOf(name)).toBe('published');
  });

  test('with QUIT, and a reset of the control connection, is published', async () => {
    const { name, data } = await begun();
    data.end(CONTENT);
    client.send('QUIT\r\n');
    client.socket.resetAndDestroy();
    const outcome = await scene.outcomeOf(name);
    // The reset may have come before QUIT was read: then nothing says that all has come.
    expect(['published', 'partial']).toContain(outcome);
  });

  test('with QUIT while it still reads gets 226 and 221', async () => {
    const { name, data } = await begun();
    data.end(CONTENT);
    leave(client, 'QUIT\r\n');
    expect([(await client.reply()).code, (await client.reply()).code]).toEqual([226, 221]);
    expect(await scene.outcomeOf(name)).toBe('published');
  });

  test('without a word is a partial', async () => {
    const { name, data } = await begun();
    data.write(CONTENT);
    leave(client);
    data.end();
    expect(await scene.outcomeOf(name)).toBe('partial');
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'with QUIT that was sent ahead of the data, and was cut, is a partial (%i)',
    async () => {
      const name = scene.newName();
      const data = await client.openData();
      client.send(`STOR ${name}\r\nQUIT\r\n`);
      expect((await client.reply()).code).toBe(150);
      data.write('the whole');
      leave(client);
      data.end();
      expect(await scene.outcomeOf(name)).toBe('partial');
    },
  );

  test('is published if ALLO has declared its size, though the control connection ended before', async () => {
    const { name, data } = await begun(`ALLO ${CONTENT.length}`);
    data.write(CONTENT.slice(0, 5));
    leave(client);
    data.end(CONTENT.slice(5));
    expect(await scene.outcomeOf(name)).toBe('published');
  });

  test('is a partial if it is short of its ALLO', async () => {
    const { name, data } = await begun(`ALLO ${CONTENT.length + 1}`);
    data.end(CONTENT);
    leave(client, 'QUIT\r\n');
    expect(await scene.outcomeOf(name)).toBe('partial');
  });

  test('is published if it is what SITE EXPECT has announced', async () => {
    const { name, data } = await begun(`SITE EXPECT SHA-256 ${SHA256}`);
    data.write(CONTENT);
    await client.close();
    data.end();
    expect(await scene.outcomeOf(name)).toBe('published');
  });

  test('is a partial if it is not', async () => {
    const { name, data } = await begun(`SITE EXPECT SHA-256 ${SHA256}`);
    data.write(CONTENT.slice(1));
    await client.close();
    data.end();
    expect(await scene.outcomeOf(name)).toBe('partial');
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('in MODE B is published (%i)', async () => {
    const { name, data } = await begun('MODE B');
    data.write(inBlocks(CONTENT));
    await client.close();
    data.destroySoon();
    expect(await scene.outcomeOf(name)).toBe('published');
  });

  test('in MODE B is a partial if the block that ends it is missing', async () => {
    const { name, data } = await begun('MODE B');
    data.write(inBlocks(CONTENT).subarray(0, 8));
    await client.close();
    data.end();
    expect(await scene.outcomeOf(name)).toBe('partial');
  });
});

describe('the end of the control connection', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene.server.dispose());

  test.each([
    ['closed', (client: ControlClient) => leave(client)],
    ['reset', (client: ControlClient) => client.socket.resetAndDestroy()],
  ])('ends an upload that goes on (RFC 959 §3.2): %s', async (_how, end) => {
    const client = await scene.server.login();
    const name = scene.newName();
    const data = await client.openData();
    await client.command(`STOR ${name}`);
    data.write(CONTENT);
    const closed = once(data, 'close');
    end(client);
    await closed;
    expect(await scene.outcomeOf(name)).toBe('partial');
  });
});

describe('an upload over TLS', () => {
  let scene: Scene;
  let client: ControlClient;

  beforeAll(async () => {
    scene = await Scene.open({ tls: 'optional' });
  });
  afterAll(() => scene.server.dispose());
  beforeEach(async () => {
    client = await scene.server.loginWithTls();
  });

  test('that ends with close_notify is published, whatever becomes of the control connection', async () => {
    const name = scene.newName();
    const data = await client.openData();
    await client.command(`STOR ${name}`);
    await new Promise((resolve) => data.resume().write(CONTENT, resolve));
    await client.close();
    data.end();
    expect(await scene.outcomeOf(name)).toBe('published');
  });

  test('that ends without is a partial, also with QUIT', async () => {
    const name = scene.newName();
    const plain = await client.openPlainData();
    await client.command(`STOR ${name}`);
    const data = client.protect(plain);
    await once(data, 'secureConnect');
    await new Promise((resolve) => data.resume().write(CONTENT, resolve));
    plain.end();
    expect((await client.command('QUIT')).code).toBe(426);
    expect(await scene.outcomeOf(name)).toBe('partial');
  });

  test('that ends without is published if ALLO has declared its size', async () => {
    const name = scene.newName();
    await client.command(`ALLO ${CONTENT.length}`);
    const plain = await client.openPlainData();
    await client.command(`STOR ${name}`);
    const data = client.protect(plain);
    await once(data, 'secureConnect');
    await new Promise((resolve) => data.resume().write(CONTENT, resolve));
    plain.end();
    expect((await client.reply()).code).toBe(226);
  });
});

describe('--cut-uploads publish', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await Scene.open({ cutUploads: 'publish' });
  });
  afterAll(() => scene.server.dispose());

  test.each(['closed before the data', 'closed behind the data', 'reset'])(
    'publishes an upload whose data ended in order: control connection %s',
    async (how) => {
      const client = await scene.server.login();
      const name = scene.newName();
      const data = await client.openData();
      await client.command(`STOR ${name}`);
      data.write(CONTENT);
      if (how === 'closed before the data') leave(client);
      if (how === 'reset') client.socket.resetAndDestroy();
      data.end();
      if (how === 'closed behind the data') leave(client);
      expect(await scene.outcomeOf(name)).toBe('published');
    },
  );

  test('keeps one whose data connection was reset', async () => {
    const client = await scene.server.login();
    const data = await client.openData();
    await client.command('STOR reset');
    data.write(CONTENT);
    while (!(await client.command('STAT')).lines.join().includes(`: ${CONTENT.length} bytes`));
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    expect(await scene.outcomeOf('reset')).toBe('partial');
  });
});

describe('an account with a mode of its own for cut uploads', () => {
  const names = { keep: 'partial', publish: 'published' } as const;

  test.each([
    { server: 'keep', account: 'publish' },
    { server: 'publish', account: 'keep' },
  ] as const)(
    '$account on a server that would $server',
    async ({ server: cutUploads, account }) => {
      const scene = await Scene.open({ cutUploads });
      await scene.server.withDatabase(async ({ accounts }) => {
        const { id = -1 } = (await accounts.findByUsername('anna')) ?? {};
        await accounts.setCutUploads(id, account);
      });
      const client = await scene.server.login();
      const name = scene.newName();
      const data = await client.openData();
      await client.command(`STOR ${name}`);
      data.write(CONTENT);
      leave(client);
      data.end();
      expect(await scene.outcomeOf(name)).toBe(names[account]);
      await scene.server.dispose();
    },
  );
});

describe('ALLO', () => {
  let scene: Scene;
  let client: ControlClient;

  beforeAll(async () => {
    scene = await Scene.open();
    client = scene.observer;
    await client.store('STOR there', CONTENT);
  });
  afterAll(() => scene.server.dispose());

  test.each(['LIST', 'NLST', 'MLSD', 'RETR there', 'RETR nowhere'])(
    'is a promise for the very next transfer: %s comes before the upload',
    async (line) => {
      await client.command('ALLO 1000');
      await client.retrieve(line);
      expect((await client.store('STOR other', CONTENT)).closing.code).toBe(226);
    },
  );

  test('is a promise for an upload that was refused, and for none after', async () => {
    await client.command('ALLO 1000');
    expect((await client.store('STOR nowhere/a', CONTENT)).closing.code).toBe(550);
    expect((await client.store('STOR other', CONTENT)).closing.code).toBe(226);
  });

  test('is kept over commands that move no files', async () => {
    await client.command('ALLO 1000');
    await client.command('TYPE I');
    await client.command('SIZE there');
    expect((await client.store('STOR other', CONTENT)).closing.code).toBe(451);
  });

  test('of an append is the size of what is appended, or of the file', async () => {
    for (const [bytes, code] of [
      [3, 226],
      [4, 451],
      [CONTENT.length + 6, 226],
    ]) {
      await client.command(`ALLO ${bytes}`);
      expect((await client.store('APPE there', 'abc')).closing.code).toBe(code);
    }
  });

  test('is a hint with --allo hint', async () => {
    const { server, observer } = await Scene.open({ allo: 'hint' });
    await observer.command('ALLO 1000');
    expect((await observer.store('STOR a', CONTENT)).closing.code).toBe(226);
    await server.dispose();
  });
});
