import { afterEach, expect, test } from '@jest/globals';
import { freePort } from '../../../server/testing/free-range.ts';
import { SilentPort } from '../../testing/dead-ports.ts';
import { FieldServer } from '../../testing/field-server.ts';
import type { Mood } from '../../testing/mood.ts';
import { extendedPortAt } from '../../testing/moods.ts';
import { connectSite } from '../connection/connect-site.ts';
import type { RemoteSession } from '../remote-session.ts';
import { connectAnna, namesIn, PASSWORD, siteAt } from '../testing/test-site.ts';

const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function serve(mood: Mood): Promise<FieldServer> {
  const server = await FieldServer.start(mood);
  server.tree.put('/file', 'content');
  open.push(server);
  return server;
}

async function connect(server: FieldServer): Promise<RemoteSession> {
  const session = await connectAnna(server.port);
  open.push(session);
  return session;
}

/** The commands that asked for ports. */
function passiveCommands({ lines }: FieldServer): readonly string[] {
  return lines.filter((line) => line === 'EPSV' || line === 'PASV');
}

test('PASV takes the place of EPSV whose port does not answer, on every connection to the site', async () => {
  const silent = await SilentPort.open();
  open.push(silent);
  const server = await serve(extendedPortAt(silent.port));
  const session = await connect(server);
  const startedMs = performance.now();
  expect(await namesIn(session, '/')).toEqual(['file']);
  expect(performance.now() - startedMs).toBeLessThan(20_000);
  const another = await session.openAnother();
  open.push(another);
  expect(await namesIn(another, '/')).toEqual(['file']);
  expect(passiveCommands(server)).toEqual(['EPSV', 'PASV', 'PASV']);
});

test('PASV takes the place of EPSV whose port refuses', async () => {
  const server = await serve(extendedPortAt(await freePort()));
  const session = await connect(server);
  await session.upload('/new', { source: (async function* () {})() });
  expect(await namesIn(session, '/')).toEqual(['file', 'new']);
  expect(passiveCommands(server)).toEqual(['EPSV', 'PASV', 'PASV']);
});

test('EPSV is remembered, too: a port that fails later is a failure', async () => {
  const dead = extendedPortAt(await freePort()).answers?.EPSV;
  let isDead = false;
  const answer: typeof dead = (...said) => (isDead ? dead?.(...said) : undefined);
  const server = await serve({ answers: { EPSV: answer } });
  const session = await connect(server);
  expect(await namesIn(session, '/')).toEqual(['file']);
  isDead = true;
  await expect(namesIn(session, '/')).rejects.toMatchObject({ kind: 'network' });
  expect(passiveCommands(server)).toEqual(['EPSV', 'EPSV']);
});

test('the failure of EPSV is reported if the server has no PASV', async () => {
  const { EPSV } = extendedPortAt(await freePort()).answers ?? {};
  const server = await serve({ answers: EPSV === undefined ? {} : { EPSV } });
  const session = await connect(server);
  await expect(namesIn(session, '/')).rejects.toMatchObject({
    kind: 'network',
    message: 'No data connection: nothing listens there',
  });
  expect(passiveCommands(server)).toEqual(['EPSV', 'PASV']);
});

test('a site can forbid EPSV', async () => {
  const server = await serve(extendedPortAt(await freePort()));
  const site = { ...siteAt(server.port), usesPasv: true };
  const session = await connectSite(site, {
    password: async () => PASSWORD,
    trust: async () => 'once',
  });
  open.push(session);
  expect(await namesIn(session, '/')).toEqual(['file']);
  expect(passiveCommands(server)).toEqual(['PASV']);
});
