import { describe, expect, test } from '@jest/globals';
import { TransferBuffers } from './buffer-pool.ts';

describe('TransferBuffers', () => {
  test('a buffer that was given back is used again', () => {
    const buffers = new TransferBuffers();
    const large = buffers.takeLarge();
    buffers.give(large);
    expect(buffers.takeLarge()).toBe(large);
    const small = buffers.takeSmall();
    buffers.give(small);
    expect(buffers.takeSmall()).toBe(small);
  });

  test('two that are in use are two', () => {
    const buffers = new TransferBuffers();
    expect(buffers.takeLarge()).not.toBe(buffers.takeLarge());
  });

  test('no memory outside the buffer is reachable through it', () => {
    const small = new TransferBuffers().takeSmall();
    expect(small.buffer.byteLength).toBe(small.length);
  });

  test('very many transfers at once get small buffers, so that memory stays bounded', () => {
    const buffers = new TransferBuffers();
    const taken = Array.from({ length: 100 }, () => buffers.takeLarge());
    const large = taken.filter(({ length }) => length > buffers.smallBytes);
    expect(large).toHaveLength(64);
    for (const buffer of taken) buffers.give(buffer);
    expect(buffers.takeLarge().length).toBeGreaterThan(buffers.smallBytes);
  });
});
