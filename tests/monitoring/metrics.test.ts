import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../server/testing/free-range.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { describeClient, isInstalled, run } from '../clients/program.ts';
import { Prometheus } from './prometheus.ts';

interface Dashboard {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
}

const dashboard = new URL('../../docs/grafana-dashboard.json', import.meta.url);
const { panels } = JSON.parse(await readFile(dashboard, 'utf8')) as Dashboard;
const dashboardQueries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

let server: TestServer;
let base: string;

beforeAll(async () => {
  const port = await freePort();
  server = await TestServer.start({ settings: { metrics: { host: '127.0.0.1', port } } });
  base = `http://127.0.0.1:${port}`;
  const anna = await server.signUp();
  await anna.store('STOR a.bin', 'hello');
  await anna.retrieve('RETR a.bin');
  await anna.retrieve('RETR missing');
  const stranger = await server.connect();
  await stranger.command('USER anna');
  await stranger.command('PASS wrong');
});
afterAll(() => server.dispose());

async function metrics(): Promise<string> {
  return (await fetch(`${base}/metrics`)).text();
}

describe('/metrics', () => {
  test('counts sessions, logins, transfers and their bytes', async () => {
    const lines = (await metrics()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'myftp_sessions 2',
        'myftp_sessions_logged_in 1',
        'myftp_transfers_running 0',
        'myftp_draining 0',
        'myftp_connections_total{outcome="accepted"} 2',
        'myftp_connections_total{outcome="refused"} 0',
        'myftp_signups_total{outcome="ok"} 1',
        'myftp_logins_total{outcome="failed"} 1',
        'myftp_transfers_total{direction="upload",outcome="ok"} 1',
        'myftp_transfers_total{direction="download",outcome="ok"} 1',
        'myftp_transferred_bytes_total{direction="upload"} 5',
        'myftp_transferred_bytes_total{direction="download"} 5',
      ]),
    );
    expect(lines.some((line) => line.startsWith('process_resident_memory_bytes '))).toBe(true);
  });

  test('names no user, path or address', async () => {
    expect(await metrics()).not.toMatch(/anna|a\.bin|127\.0\.0\.1/);
  });

  test('other paths and methods are refused', async () => {
    expect((await fetch(`${base}/`)).status).toBe(404);
    expect((await fetch(`${base}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
  });
});

test('/readyz follows drain, /healthz does not', async () => {
  const statusOf = async (path: string) => (await fetch(base + path)).status;
  const drain = (method: string) =>
    run('curl', ['-sS', '-X', method, '--unix-socket', socket, 'http://localhost/draining']);
  const socket = join(server.settings.dataDir, 'admin.sock');
  expect(await statusOf('/readyz')).toBe(200);
  await drain('PUT');
  expect([await statusOf('/readyz'), await statusOf('/healthz')]).toEqual([503, 200]);
  await drain('DELETE');
  expect(await statusOf('/readyz')).toBe(200);
});

test('a port that is in use stops the start and names the setting', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  await expect(
    TestServer.start({ settings: { metrics: { host: '127.0.0.1', port } } }),
  ).rejects.toThrow('--metrics: another program uses this port already.');
  other.close();
});

describeClient('promtool', isInstalled('promtool'), () => {
  test('finds nothing to improve in the names of MyFTP', async () => {
    const ours = (await metrics()).split('\n').filter((line) => /^(# \w+ )?myftp_/.test(line));
    const outcome = await run('promtool', ['check', 'metrics'], { input: `${ours.join('\n')}\n` });
    expect(outcome).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describeClient('prometheus', isInstalled('prometheus'), () => {
  let prometheus: Prometheus;

  beforeAll(async () => {
    prometheus = await Prometheus.scraping(base.replace('http://', ''));
  });
  afterAll(() => prometheus?.stop());

  test('scrapes the server', async () => {
    const query = 'myftp_transferred_bytes_total{direction="upload"}';
    expect(await prometheus.valuesOf(query)).toEqual(['5']);
  });

  test.each(dashboardQueries)('has an answer to %s of the dashboard', async (query) => {
    expect(await prometheus.valuesOf(query)).not.toEqual([]);
  });
});
