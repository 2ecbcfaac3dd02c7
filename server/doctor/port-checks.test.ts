import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { implicitPortCheck, portCheck } from './port-checks.ts';
import { examine } from './testing/examine.ts';

let occupant: Server;
let port: number;

beforeEach(async () => {
  occupant = createServer().listen(0, '127.0.0.1');
  await once(occupant, 'listening');
  port = (occupant.address() as AddressInfo).port;
});

afterEach(() => {
  occupant.close();
});

test('a free port is fine and free again afterwards', async () => {
  occupant.close();
  await once(occupant, 'close');
  for (let times = 0; times < 2; times += 1) {
    expect(await examine(portCheck, { flags: { port: String(port) } })).toEqual([
      { level: 'ok', text: `Port ${port} of 127.0.0.1 is free; only this host can connect.` },
    ]);
  }
});

test('a port that another program uses is a problem with its name', async () => {
  const [verdict] = await examine(portCheck, { flags: { port: String(port) } });
  expect(verdict).toMatchObject({ level: 'problem' });
  expect(verdict?.text).toMatch(
    new RegExp(`^Port ${port} is in use by .+ \\(process ${process.pid}\\)\\.$`),
  );
  expect(verdict?.remedy).toContain('choose another --port');
});

test('the same goes for the implicit port, which is looked at only if it is set', async () => {
  expect(await examine(implicitPortCheck)).toEqual([]);
  const [verdict] = await examine(implicitPortCheck, { flags: { 'implicit-port': String(port) } });
  expect(verdict).toMatchObject({ level: 'problem' });
  expect(verdict?.remedy).toContain('choose another --implicit-port');
});

test.each([
  ['192.0.2.1', 'This host does not have the address 192.0.2.1 (EADDRNOTAVAIL).'],
  ['no-such-host.invalid', 'The name no-such-host.invalid of --host cannot be resolved ('],
])('an address that the host does not have is a problem: %s', async (host, text) => {
  const [verdict] = await examine(portCheck, { flags: { host, port: '0' } });
  expect(verdict).toMatchObject({ level: 'problem', text: expect.stringContaining(text) });
});

test('port 0 is the choice of the system', async () => {
  const [verdict] = await examine(portCheck, { flags: { port: '0' } });
  expect(verdict).toMatchObject({ level: 'ok' });
});
