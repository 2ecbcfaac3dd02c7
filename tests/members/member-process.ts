import { once } from 'node:events';
import { Member, siteIn } from './member.ts';

/** A member that sends most of two uploads, and publishes each when it is told its name. */
const [, , directory = '', id = '', sizeBytes = ''] = process.argv;
const member = await Member.open(siteIn(directory), id);
await member.join();
const names = ['first', 'second'];
const uploads = new Map(
  await Promise.all(
    names.map(
      async (name) =>
        [name, await member.upload(name, Buffer.alloc(Number(sizeBytes), name))] as const,
    ),
  ),
);
process.send?.('sent');
for (;;) {
  const [name] = (await once(process, 'message')) as [string];
  const publishing = uploads.get(name)?.publish();
  process.send?.(
    await publishing?.then(
      () => 'published',
      () => 'refused',
    ),
  );
}
