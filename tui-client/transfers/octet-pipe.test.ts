import { expect, test } from '@jest/globals';
import { OctetPipe } from './octet-pipe.ts';

test('octets are taken in order, each once the last are used', async () => {
  const pipe = new OctetPipe();
  const given = pipe.give(Buffer.from('a')).then(() => pipe.give(Buffer.from('b')));
  expect(String(await pipe.take())).toBe('a');
  expect(String(await pipe.take())).toBe('b');
  const end = pipe.take();
  await given;
  pipe.end();
  expect(await end).toBeUndefined();
});

test('an upload that has failed keeps no download waiting, however much comes after', async () => {
  const pipe = new OctetPipe();
  void pipe.take();
  const taken = pipe.give(Buffer.from('a'));
  pipe.leave();
  await taken;
  await pipe.give(Buffer.from('b'));
  await pipe.give(Buffer.from('c'));
});
