import { DataConnections } from './data-connections.ts';
import { FuzzClient } from './fuzz-client.ts';
import type { FuzzedServer } from './fuzzed-server.ts';
import type { Scenario, Step } from './scenario.ts';

const PASSWORD = 'correct horse';

/** So long the server may take to answer when it waits for nothing. */
const PATIENCE_MS = 10_000;

let plays = 0;

/** Plays a scenario with an account of its own, and tells what was wrong. Empty: nothing. */
export async function play(scenario: Scenario, server: FuzzedServer): Promise<string[]> {
  plays += 1;
  const username = `f${process.pid}-${plays}`;
  const address = `127.${1 + (plays % 250)}.${(plays >> 8) % 250}.${1 + ((plays >> 16) % 250)}`;
  const origin = { port: server.port, address };
  const first = await FuzzClient.open(origin);
  await first.command(`SITE SIGNUP ${username}`);
  await first.command(`PASS ${PASSWORD}`);
  await first.command('QUIT');
  await server.makeLink(username);
  const clients: FuzzClient[] = [];
  for (const kind of scenario.clients) {
    const client = await FuzzClient.open(origin);
    clients.push(client);
    await client.answered(PATIENCE_MS);
    if (kind === 'logged in') await logIn(client, username);
  }
  const data = new DataConnections();
  const faults: string[] = [];
  try {
    for (const step of scenario.steps) await playStep(step, { clients, data });
    for (const client of clients) faults.push(...(await finish(client)));
  } finally {
    data.close();
  }
  const observer = await FuzzClient.open(origin);
  await logIn(observer, username);
  faults.push(...(await aftermath({ server, observer, username })));
  faults.push(...leaks(server, scenario, [...clients.flatMap(textsOf), data.received]));
  return faults;
}

async function logIn(client: FuzzClient, username: string): Promise<void> {
  await client.command(`USER ${username}`);
  await client.command(`PASS ${PASSWORD}`);
  await client.command('TYPE I');
}

async function playStep(
  step: Step,
  { clients, data }: { clients: readonly FuzzClient[]; data: DataConnections },
): Promise<void> {
  const client = clients[step.who % clients.length];
  if (client === undefined || !client.canSend) return;
  switch (step.kind) {
    case 'send':
      return client.send(step.octets, step.cuts);
    case 'data':
      return data.open(client, step.route);
    case 'settle':
      await client.answered(50);
      return;
    case 'leave':
      if (step.how === 'rst') client.reset();
      else client.finish();
  }
}

/** Waits for all replies, and ends what waits for a data connection as a client does: by ABOR. */
async function finish(client: FuzzClient): Promise<string[]> {
  const endMs = Date.now() + PATIENCE_MS;
  while (!(await client.answered(100)) && client.canSend) {
    if (Date.now() > endMs) break;
    await client.send(Buffer.from('\r\nABOR\r\n'));
  }
  client.finish();
  if (await client.closed(PATIENCE_MS)) return client.faults();
  client.reset();
  const last = client.lastReply?.text;
  return [...client.faults(), `the connection does not close; the last reply was ${last}`];
}

/** What must be true when all have left. */
async function aftermath(parts: {
  server: FuzzedServer;
  observer: FuzzClient;
  username: string;
}): Promise<string[]> {
  const { server, observer, username } = parts;
  const accountId = await server.accountId(username);
  const faults: string[] = [];
  await eventually(async () => {
    const told = await quotaOf(observer);
    const diskBytes = await server.diskUsage(username, accountId);
    const onDisk = `${diskBytes} bytes, ${await server.entries(username)} entries`;
    return told === onDisk ? undefined : `quota says ${told}, disk ${onDisk}`;
  }, faults);
  await observer.command('QUIT');
  await observer.closed(PATIENCE_MS);
  await eventually(async () => {
    const files = server.openFiles(username, accountId);
    return files.length === 0 ? undefined : `files are left open: ${files.join(', ')}`;
  }, faults);
  faults.push(...observer.faults(), ...(await server.damage()), ...server.takeErrors());
  await server.forget(username, accountId);
  return faults;
}

async function quotaOf(observer: FuzzClient): Promise<string> {
  const answer = await observer.command('SITE QUOTA');
  const [, bytes, entries] = /^200 (\d+) of .*; (\d+) of /.exec(answer?.text ?? '') ?? [];
  return `${bytes} bytes, ${entries} entries`;
}

/** Sessions that were cut clean up by themselves, soon. */
async function eventually(
  look: () => Promise<string | undefined>,
  faults: string[],
): Promise<void> {
  const endMs = Date.now() + 3000;
  let fault = await look();
  while (fault !== undefined && Date.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    fault = await look();
  }
  if (fault !== undefined) faults.push(fault);
}

function textsOf(client: FuzzClient): string[] {
  return client.reader.replies.map(({ text }) => text);
}

/** Disk paths that the clients were told, unless they had told them first. */
function leaks(server: FuzzedServer, scenario: Scenario, texts: readonly string[]): string[] {
  const sent = scenario.steps.map((step) =>
    step.kind === 'send' ? Buffer.from(step.octets).toString('latin1') : '',
  );
  const secrets = [server.directory, '/proc/', 'node:', '451 The server failed'];
  return secrets
    .filter((secret) => !sent.some((text) => text.includes(secret)))
    .flatMap((secret) => texts.filter((text) => text.includes(secret)))
    .map((text) => `tells what it should not: ${text.slice(0, 200)}`);
}
