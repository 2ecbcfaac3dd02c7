import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { connectSite } from '../connection/connect-site.ts';
import { ScriptedServer } from '../testing/scripted-server.ts';
import { namesIn, PASSWORD, siteAt } from '../testing/test-site.ts';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test('data connections go to the host that the site names', async () => {
  const data = createServer((socket) => void socket.end('type=file;size=1; here\r\n'));
  data.listen(0, '127.0.0.2');
  await once(data, 'listening');
  closing.push(async () => data.close());
  const { port } = data.address() as AddressInfo;
  const server = await ScriptedServer.start(
    (verb, _argument, control) => {
      if (verb === 'EPSV') control.say(`229 Come (|||${port}|)`);
      else if (verb === 'MLSD') control.say('150 Here it comes.', '226 Done.');
      else return undefined;
      return true;
    },
    { features: ['MLST type*;size*;'] },
  );
  closing.push(() => server.close());
  const site = { ...siteAt(server.port), passiveHost: '127.0.0.2' };
  const session = await connectSite(site, {
    password: async () => PASSWORD,
    trust: async () => 'once',
  });
  closing.push(() => session.close());
  expect(await namesIn(session, '/')).toEqual(['here']);
});
