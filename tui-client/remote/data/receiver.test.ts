import { describe, expect, test } from '@jest/globals';
import { Receiver } from './receiver.ts';

function fill(receiver: Receiver, text: string, resume: () => void = () => {}): boolean {
  let isToGoOn = true;
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    const bytes = rest.copy(receiver.room());
    rest = rest.subarray(bytes);
    isToGoOn = receiver.received(bytes, resume);
  }
  return isToGoOn;
}

describe('a receiver', () => {
  test.each([
    { expectedBytes: 4096, bytes: 6000 },
    { expectedBytes: 0, bytes: 2000 },
    { expectedBytes: undefined, bytes: 40_000 },
  ])('begins with little memory for $expectedBytes bytes', ({ expectedBytes, bytes }) => {
    const bufferBytes = 1024 * 1024;
    const { length } = new Receiver({ bufferBytes, expectedBytes, sink: () => undefined }).room();
    expect(length).toBeGreaterThan(expectedBytes ?? 0);
    expect(length).toBeLessThan(bytes);
  });

  test('takes more than it was told to expect', async () => {
    let text = '';
    const sink = (octets: Buffer) => {
      text += octets.toString();
      return undefined;
    };
    const receiver = new Receiver({ bufferBytes: 32_768, expectedBytes: 10, sink });
    const all = 'abc'.repeat(20_000);
    fill(receiver, all);
    receiver.end();
    await receiver.done;
    expect(text).toBe(all);
  });

  test('gives all octets in order, however they come and go', async () => {
    let text = '';
    const receiver = new Receiver({
      bufferBytes: 32,
      sink: async (octets) => {
        await new Promise((resolve) => setImmediate(resolve));
        text += octets.toString();
      },
    });
    const parts = Array.from({ length: 200 }, (_, at) => `${at},`);
    for (const part of parts) {
      const isToGoOn = await new Promise<boolean>((resolve) => {
        if (fill(receiver, part, () => resolve(true))) resolve(true);
      });
      expect(isToGoOn).toBe(true);
    }
    receiver.end();
    await receiver.done;
    expect(text).toBe(parts.join(''));
  });

  test('stops the server while the sink is slow, and lets it go on after', async () => {
    let take = () => {};
    const receiver = new Receiver({
      bufferBytes: 16,
      sink: () =>
        new Promise<void>((resolve) => {
          take = resolve;
        }),
    });
    let resumed = 0;
    let parts = 0;
    while (
      fill(receiver, 'x'.repeat(16), () => {
        resumed += 1;
      })
    )
      parts += 1;
    expect(parts).toBeLessThan(5);
    for (let turn = 0; turn < 20 && resumed === 0; turn += 1) {
      take();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(resumed).toBe(1);
  });

  test('a failure waits for the sink, which may still use the octets', async () => {
    let take = () => {};
    const receiver = new Receiver({
      bufferBytes: 16,
      sink: () =>
        new Promise<void>((resolve) => {
          take = resolve;
        }),
    });
    fill(receiver, 'octets');
    let outcome = 'waiting';
    receiver.done.catch(() => {
      outcome = 'failed';
    });
    receiver.fail(new Error('cut'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(outcome).toBe('waiting');
    take();
    await expect(receiver.done).rejects.toThrow('cut');
  });

  test('what a sink throws is the failure', async () => {
    const receiver = new Receiver({
      bufferBytes: 16,
      sink: () => {
        throw new Error('full');
      },
    });
    fill(receiver, 'octets');
    await expect(receiver.done).rejects.toThrow('full');
  });
});
