import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientSite, PASSWORD, USERNAME } from './client-site.ts';
import { describeClient, isInstalled, type Outcome } from './program.ts';
import { digestOf, octets, SIZES } from './samples.ts';

const ROUNDS = 25;

/** aria2 gives up waiting for a reply after this, and a download that ends so takes longer than all others. */
const TIMEOUT_SECONDS = 20;

describeClient('aria2', isInstalled('aria2c'), () => {
  let site: ClientSite;

  beforeAll(async () => {
    site = await ClientSite.open();
  });
  afterAll(() => site.close());

  function aria2(path: string, ...args: readonly string[]): Promise<Outcome> {
    const user = [`--ftp-user=${USERNAME}`, `--ftp-passwd=${PASSWORD}`];
    const url = `ftp://${site.host}:${site.port}/${path}`;
    return site.run('aria2c', [
      ...['--no-conf', '--quiet', '--max-tries=1', '--allow-overwrite=true'],
      ...[`--timeout=${TIMEOUT_SECONDS}`, ...user, ...args, url],
    ]);
  }

  test.each(SIZES)('fetches $name', async ({ name, sizeBytes }) => {
    const content = octets(sizeBytes);
    await site.seed(name, content);
    await aria2(name);
    expect(await site.localDigest(name)).toBe(digestOf(content));
  });

  test('does not wait for its time-out after a small file', async () => {
    await site.seed('small.bin', octets(4096));
    for (let round = 0; round < ROUNDS; round += 1) {
      const startMs = Date.now();
      await aria2('small.bin');
      // One that waits takes all of this.
      expect(Date.now() - startMs).toBeLessThan(TIMEOUT_SECONDS * 1000);
    }
  });

  test('resumes, and fetches a file in several parts', async () => {
    const content = octets(3_000_000);
    await site.seed('parts.bin', content);
    await aria2('parts.bin', '--max-connection-per-server=4', '--split=4', '--min-split-size=1M');
    expect(await site.localDigest('parts.bin')).toBe(digestOf(content));
    await site.writeLocal('parts.bin', content.subarray(0, 1_234_567));
    await aria2('parts.bin', '--continue=true');
    expect(await site.localDigest('parts.bin')).toBe(digestOf(content));
  });
});
