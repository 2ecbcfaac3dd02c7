import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { unprovenRelease } from '../../server/system/node-internals.ts';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { only, VERSIONS } from './tls-version.ts';

const CONTENT = 'x'.repeat(100_000);

/** TLS over a connection whose octets can be seen and withheld, as by somebody on the way. */
function tapped(raw: Socket) {
  let leftOctets = Infinity;
  const tap = new Duplex({
    read() {},
    write(chunk: Buffer, _, done) {
      const passed = chunk.subarray(0, leftOctets);
      leftOctets -= passed.length;
      if (passed.length === 0) done();
      else raw.write(passed, done);
    },
    final: (done) => done(),
  });
  raw.on('data', (chunk: Buffer) => tap.push(chunk)).on('end', () => tap.push(null));
  raw.on('error', () => {});
  return {
    tap,
    /** Lets through only so many octets more. */
    withhold(allowedOctets: number) {
      leftOctets = allowedOctets;
    },
  };
}

/** An untested release of Node does not tell how TLS has ended: then the control connection decides. */
const knowsCloseNotify = () => unprovenRelease() === undefined;

describe.each(VERSIONS)('an upload over %s', (version) => {
  let server: TestServer;
  let client: ControlClient;
  let round = 0;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional' } });
    await (await server.signUp()).close();
    client = await server.loginWithTls(only(version));
  });
  afterAll(() => server.dispose());

  /** Sends all of the content, then ends it in some way; resolves to the final reply. */
  async function uploaded(
    finish: (ends: {
      raw: Socket;
      data: TLSSocket;
      withhold: (octets: number) => void;
    }) => void | Promise<void>,
  ) {
    round += 1;
    const name = `file${round}`;
    const raw = connect({ port: await client.passivePort(), host: '127.0.0.1', noDelay: true });
    const { tap, withhold } = tapped(raw);
    const data = connectTls({
      ...only(version),
      host: '127.0.0.1',
      rejectUnauthorized: false,
      socket: tap,
      ...(client.tlsSession && { session: client.tlsSession }),
    });
    data.on('error', () => {});
    data.resume();
    const secure = once(data, 'secureConnect');
    expect((await client.command(`STOR ${name}`)).code).toBe(150);
    await secure;
    await new Promise((resolve) => data.write(CONTENT, resolve));
    await received(CONTENT.length);
    await finish({ raw, data, withhold });
    const { code } = await client.reply();
    raw.destroy();
    return { code, name };
  }

  /** Until the server has so many octets: STAT tells. */
  async function received(bytes: number): Promise<void> {
    while (!(await client.command('STAT')).lines.join().includes(`: ${bytes} bytes`));
  }

  async function isPublished(name: string): Promise<boolean> {
    const facts = (await client.command(`MLST ${name}`)).lines.join();
    const usual = await server.login();
    const { data } = await usual.retrieve(`RETR ${name}`);
    await usual.close();
    return facts.includes(`size=${CONTENT.length}`) && data.toString() === CONTENT;
  }

  test('that ends with close_notify is complete, and is answered with close_notify', async () => {
    const { code, name } = await uploaded(async ({ data }) => {
      // Only a close_notify ends this side: the tap passes no end on before it.
      const answered = once(data, 'end');
      data.end();
      await answered;
    });
    expect(code).toBe(226);
    expect(await isPublished(name)).toBe(true);
  });

  test('that ends with a reset is 426, and can be resumed', async () => {
    const { code, name } = await uploaded(({ raw }) => void raw.resetAndDestroy());
    expect(code).toBe(426);
    const { lines } = await client.command(`SIZE ${name}`);
    const keptBytes = Number(lines[0]?.slice(4));
    expect(keptBytes).toBeGreaterThan(0);
    await client.command(`REST ${keptBytes}`);
    const rest = CONTENT.slice(keptBytes);
    expect((await client.store(`STOR ${name}`, `${rest}end`)).closing.code).toBe(226);
    const { data } = await client.retrieve(`RETR ${name}`);
    expect(data.toString() === `${CONTENT}end`).toBe(true);
  });

  test('whose control connection has ended before is published by close_notify', async () => {
    const other = await server.loginWithTls(only(version));
    const data = await other.openData();
    const ended = new Promise((resolve) => data.on('close', resolve));
    await other.command('STOR unseen');
    await new Promise((resolve) => data.write(CONTENT, resolve));
    // In this order, and so close to each other that the server still waits for the end of the data.
    const closed = other.close();
    data.resume().end();
    await Promise.all([closed, ended]);
    if (!knowsCloseNotify()) {
      while (!(await client.command('SITE PARTIALS')).lines.join().includes('/unseen'));
      return;
    }
    while (!(await readdir(join(server.rootDir, 'anna'))).includes('unseen')) {
      await client.command('NOOP');
    }
    expect(await isPublished('unseen')).toBe(true);
  });

  test('that is cut by an end without close_notify is not published', async () => {
    const { code, name } = await uploaded(({ raw }) => void raw.end());
    expect(code).toBe(knowsCloseNotify() ? 426 : 226);
    if (!knowsCloseNotify()) return;
    expect((await client.command(`MLST ${name}`)).lines.join()).toContain('X.partial=1');
  });

  test('that is cut within a record is not published', async () => {
    const { code } = await uploaded(async ({ raw, data, withhold }) => {
      withhold(100);
      await new Promise((resolve) => data.write(CONTENT, resolve));
      raw.end();
    });
    expect(code).toBe(knowsCloseNotify() ? 426 : 226);
  });

  test('that is cut within close_notify is not published', async () => {
    const { code } = await uploaded(({ raw, data, withhold }) => {
      withhold(10);
      data.end(() => raw.end());
    });
    expect(code).toBe(knowsCloseNotify() ? 426 : 226);
  });

  test('that is cut so is found out by the size that ALLO has declared', async () => {
    await client.command(`ALLO ${CONTENT.length + 1}`);
    const { code } = await uploaded(({ raw }) => void raw.end());
    expect(code).toBe(451);
  });
});

const ALERT = 21;

/** The content types of the records that the octets are made of (RFC 5246 §6.2.1). */
function recordTypes(octets: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at < octets.length; at += 5 + octets.readUInt16BE(at + 3)) {
    types.push(octets.readUInt8(at));
  }
  return types;
}

// TLS 1.3 hides the types of its records.
describe('a download over TLSv1.2', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional' } });
    await (await server.signUp()).close();
    client = await server.loginWithTls(only('TLSv1.2'));
  });
  afterAll(() => server.dispose());

  test.each([0, 5, 8192, 8193, 100_000])(
    'of %i octets ends with an alert: close_notify',
    async (sizeBytes) => {
      await client.store('STOR file', Buffer.alloc(sizeBytes));
      const raw = connect({ port: await client.passivePort(), host: '127.0.0.1', noDelay: true });
      const seen: Buffer[] = [];
      raw.on('data', (chunk: Buffer) => seen.push(chunk));
      const ended = once(raw, 'end');
      const socket = tapped(raw).tap;
      const data = connectTls({ ...only('TLSv1.2'), rejectUnauthorized: false, socket });
      data.on('error', () => {}).resume();
      expect((await client.command('RETR file')).code).toBe(150);
      expect((await client.reply()).code).toBe(226);
      await ended;
      expect(recordTypes(Buffer.concat(seen)).at(-1)).toBe(ALERT);
      data.destroy();
    },
  );
});
