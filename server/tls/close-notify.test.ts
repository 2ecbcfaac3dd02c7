import { once } from 'node:events';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { assumeRelease } from '../system/node-internals.ts';
import { type DataEnds, DataListener } from '../testing/data-ends.ts';
import { endedByNotify, watchEnd } from './close-notify.ts';

const SIZES = [0, 1, 100_000, 3_000_000];

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('the end of a connection over %s', (version) => {
  let listener: DataListener;
  let ends: DataEnds;
  let accepted: TLSSocket;

  beforeAll(async () => {
    listener = await DataListener.open();
  });
  afterAll(() => listener.close());
  beforeEach(async () => {
    assumeRelease('24.0.0');
    ends = await listener.connect(version);
    accepted = ends.accepted as TLSSocket;
    watchEnd(accepted);
    ends.client.resume();
  });
  afterEach(() => {
    assumeRelease(process.versions.node);
    ends.accepted.destroy();
    ends.raw.destroy();
  });

  function send(bytes: number): Promise<void> {
    return new Promise((resolve) => ends.client.write(Buffer.alloc(bytes), () => resolve()));
  }

  /** Reads everything; with pauses after each chunk, if it is to be slow. */
  async function read(pace: 'at once' | 'slowly'): Promise<void> {
    accepted.on('data', () => {
      if (pace === 'at once') return;
      accepted.pause();
      setImmediate(() => accepted.resume());
    });
    await once(accepted, 'end');
  }

  describe.each(['at once', 'slowly'] as const)('that is read %s', (pace) => {
    test.each(SIZES)('after %i octets is known by close_notify', async (bytes) => {
      const reading = read(pace);
      if (bytes > 0) await send(bytes);
      ends.client.end();
      await reading;
      expect(endedByNotify(accepted)).toBe(true);
    });

    test.each(SIZES)('after %i octets is not close_notify if that did not come', async (bytes) => {
      const reading = read(pace);
      if (bytes > 0) await send(bytes);
      ends.raw.end();
      await reading;
      expect(endedByNotify(accepted)).toBe(false);
    });
  });

  test('is not known on a release that is not proven', async () => {
    assumeRelease('999.0.0');
    const reading = read('at once');
    ends.client.end();
    await reading;
    expect(endedByNotify(accepted)).toBeUndefined();
  });
});
