import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ServerProcess, until } from './server-process.ts';

const PASSWORD = 'correct horse';

describe('a server that is killed while it writes the audit trail', () => {
  let server: ServerProcess;

  beforeEach(async () => {
    server = await ServerProcess.start(await ServerProcess.makeDirectory());
  });
  afterEach(() => server.dispose());

  async function auditIds(): Promise<number[]> {
    const { stdout } = await server.administer(['audit', '--json', '--limit', 'all']);
    return stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).id);
  }

  test('has a usable database, and no number of a receipt is used twice', async () => {
    const client = await server.signUp('anna', PASSWORD);
    await client.command('OPTS RECEIPT ON');
    await client.store('STOR first', 'x');
    await until(async () => (await auditIds()).length === 2);
    let told = 0;
    for (let count = 0; count < 300; count += 1) {
      const { closing } = await client.store(`STOR ${count}`, 'x');
      told = Number(/receipt (\d+)/.exec(closing.lines[1] ?? '')?.[1]);
    }
    await server.end('SIGKILL');
    server = await ServerProcess.start(server.directory);
    const kept = await auditIds();
    expect(kept.length).toBeGreaterThanOrEqual(2);
    expect(new Set(kept).size).toBe(kept.length);
    const again = await server.login('anna', PASSWORD);
    await again.command('OPTS RECEIPT ON');
    const { closing } = await again.store('STOR again', 'x');
    expect(Number(/receipt (\d+)/.exec(closing.lines[1] ?? '')?.[1])).toBeGreaterThan(told);
  });
});
