import { expect, test } from '@jest/globals';
import { freeRange } from '../../../server/testing/free-range.ts';
import { TestServer } from '../../../server/testing/test-server.ts';
import { until } from '../../../tests/journeys/server-process.ts';
import { chunksOf, connectAnna, Gathered } from '../testing/test-site.ts';

const CONTENT = Buffer.from('content');

test('a server without a free port is told as such, may be asked again, and the replies stay in step', async () => {
  const server = await TestServer.start({ settings: { pasvRange: await freeRange(1) } });
  const holder = await server.signUp();
  await holder.store('STOR file.bin', CONTENT);
  const session = await connectAnna(server.port);
  await holder.command('PASV');

  const sink = new Gathered();
  const attempts = [
    () => session.download('/file.bin', { sink: sink.sink }),
    () => session.upload('/other.bin', { source: chunksOf(CONTENT), sizeBytes: CONTENT.length }),
    async () => {
      for await (const _ of session.place.list('/'));
    },
  ];
  for (const attempt of attempts) {
    const refused = { code: 425, isTransient: true };
    await expect(attempt()).rejects.toMatchObject(refused);
    expect(await session.place.stat('/file.bin')).toMatchObject({ sizeBytes: CONTENT.length });
  }

  await holder.close();
  await until(() =>
    session.download('/file.bin', { sink: sink.sink }).then(
      () => true,
      () => false,
    ),
  );
  expect(sink.octets.equals(CONTENT)).toBe(true);
  await session.close();
  await server.dispose();
});
