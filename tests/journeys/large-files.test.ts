import { open, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClientSite, USERNAME } from '../clients/client-site.ts';
import { digestOf, octets } from '../clients/samples.ts';

const GIB = 1024 ** 3;
const NEEDED_BYTES = 12 * GIB;
const LENGTH_BYTES = 4 * GIB + 5_000_000;

const { bavail, bsize } = await statfs(tmpdir());
const describeIfThereIsRoom = bavail * bsize >= NEEDED_BYTES ? describe : describe.skip;

describeIfThereIsRoom('a file of more than 4 GiB (skipped if 12 GiB of disk are not free)', () => {
  let site: ClientSite;
  const tail = octets(1_000_000);

  beforeAll(async () => {
    site = await ClientSite.open({ settings: { quotaBytes: 20 * GIB } });
    // Sparse: nobody uploads 4 GiB of nothing.
    const file = await open(site.home('huge.bin'), 'w');
    await file.write(tail, 0, tail.length, LENGTH_BYTES - tail.length);
    await file.close();
    await site.server.withDatabase(async ({ accounts, quotas }) => {
      const account = await accounts.findByUsername(USERNAME);
      await quotas.setUsed(account?.id ?? -1, { bytes: LENGTH_BYTES, entries: 1 });
    });
  });
  afterAll(() => site.close());

  test('has its size in SIZE, MLST and LIST', async () => {
    const { observer } = site;
    expect((await observer.command('SIZE huge.bin')).lines).toEqual([`213 ${LENGTH_BYTES}`]);
    const { lines } = await observer.command('MLST huge.bin');
    expect(lines[1]).toContain(`size=${LENGTH_BYTES};`);
    const { data } = await observer.retrieve('LIST huge.bin');
    expect(String(data)).toContain(` ${LENGTH_BYTES} `);
  });

  test('is downloaded from a restart marker beyond 4 GiB', async () => {
    const { observer } = site;
    await observer.command(`REST ${LENGTH_BYTES - tail.length}`);
    const { data } = await observer.retrieve('RETR huge.bin');
    expect(digestOf(data)).toBe(digestOf(tail));
  });

  test('is uploaded from a restart marker beyond 4 GiB, byte-exact', async () => {
    const { observer } = site;
    const markerBytes = LENGTH_BYTES - 400_000;
    const more = octets(700_000);
    await observer.command(`REST ${markerBytes}`);
    const { closing } = await observer.store('STOR huge.bin', more);
    expect(closing.code).toBe(226);
    expect((await observer.command('SIZE huge.bin')).lines).toEqual([
      `213 ${markerBytes + more.length}`,
    ]);
    const startBytes = LENGTH_BYTES - tail.length;
    await observer.command(`REST ${startBytes}`);
    const { data } = await observer.retrieve('RETR huge.bin');
    const expected = Buffer.concat([tail.subarray(0, markerBytes - startBytes), more]);
    expect(digestOf(data)).toBe(digestOf(expected));
    await site.expectExactQuota();
  }, 300_000);
});
