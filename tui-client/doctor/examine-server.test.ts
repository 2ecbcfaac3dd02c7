import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { freePort } from '../../server/testing/free-range.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { PeerServer } from '../remote/testing/peer-server.ts';
import { describePeers, PEERS } from '../remote/testing/peers.ts';
import {
  classicAddress,
  type Script,
  type ScriptedControl,
  ScriptedServer,
} from '../remote/testing/scripted-server.ts';
import type { Site } from '../sites/site.ts';
import { examineServer } from './examine-server.ts';
import type { Finding } from './finding.ts';
import type { VisitOptions } from './visit.ts';

const PASSWORD = 'correct horse';
const DAY_MS = 24 * 60 * 60 * 1000;

interface Identity {
  readonly key: string;
  readonly cert: string;
}

interface Closable {
  close(): unknown;
}

const open: Closable[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

let valid: Identity;
let expired: Identity;

beforeAll(async () => {
  [valid, expired] = await Promise.all([identity(0, 90), identity(-30, -2)]);
});

/** A certificate for 127.0.0.1, valid between days from now. */
async function identity(fromDays: number, toDays: number): Promise<Identity> {
  const made = await generate([{ name: 'commonName', value: 'ftp.example.org' }], {
    keyType: 'ec',
    notBeforeDate: new Date(Date.now() + fromDays * DAY_MS),
    notAfterDate: new Date(Date.now() + toDays * DAY_MS),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { key: made.private, cert: made.cert };
}

function site(port: number, more: Partial<Site> = {}): Site {
  return {
    id: 'x',
    name: undefined,
    host: '127.0.0.1',
    port,
    tls: 'explicit',
    username: 'anonymous',
    remotePath: undefined,
    localPath: undefined,
    ...more,
  };
}

async function examine(
  target: Site,
  options: Partial<VisitOptions> = {},
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const password = async () => PASSWORD;
  for await (const finding of examineServer({ site: target, password, ...options })) {
    findings.push(finding);
  }
  return findings;
}

/** As `tls: problem`. */
function states(findings: readonly Finding[]): readonly string[] {
  return findings.map(({ check, state }) => `${check}: ${state}`);
}

function only(findings: readonly Finding[], check: Finding['check']): Finding {
  const found = findings.filter((one) => one.check === check);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(JSON.stringify(findings, null, 1));
  return first;
}

async function serve(script: Script, identities?: { control: Identity; data: Identity }) {
  const server = await ScriptedServer.start(script, {
    features: ['MLST type*;', 'UTF8', 'REST STREAM', 'SIZE', 'MDTM'],
    ...(identities && { identities: { ...identities, tls: 'explicit' as const } }),
  });
  open.push(server);
  return server;
}

/** A server that does with a connection whatever a test wants. */
async function raw(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    open.push({ close: () => socket.destroy() });
    onConnection(socket.on('error', () => {}));
  });
  return listening(server);
}

async function listening(server: Server): Promise<number> {
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Answers PASV with an address, and LIST with a listing. */
function passive(address: string): Script {
  return async (verb, _argument, control) => {
    if (verb === 'PASV') {
      return say(control, `227 Here (${classicAddress(address, await control.listen())}).`);
    }
    if (verb === 'LIST')
      return control.sendData('-rw-r--r-- 1 a a 1 Jan 1 2020 x\r\n').then(() => true);
    return undefined;
  };
}

function say(control: ScriptedControl, line: string): true {
  control.say(line);
  return true;
}

describe('MyFTP', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional' } });
    await server.signUp('anna', PASSWORD);
  });
  afterAll(() => server.dispose());

  test('passes every check with a trusted certificate and a login', async () => {
    const findings = await examine(site(server.port, { username: 'anna' }), {
      trusted: server.fingerprint256,
    });
    expect(states(findings)).toEqual([
      'connection: ok',
      'greeting: ok',
      'features: ok',
      'tls: ok',
      'certificate: ok',
      'certificate: ok',
      'certificate: ok',
      'login: ok',
      'pasv-address: ok',
      'epsv-data: ok',
      'data-tls: ok',
      'pasv-data: ok',
      'data-tls: ok',
    ]);
    expect(only(findings, 'tls').facts).toMatchObject({ protocol: 'TLSv1.3' });
    expect(only(findings, 'pasv-address').facts).toEqual({
      announced: '127.0.0.1',
      reached: '127.0.0.1',
    });
  });

  test('sends no password over a connection that is not trusted, and says what is unchecked', async () => {
    const log: string[] = [];
    const findings = await examine(site(server.port, { username: 'anna' }), {
      log: (line) => log.push(line),
    });
    expect(states(findings).slice(-2)).toEqual(['certificate: problem', 'login: unchecked']);
    expect(only(findings, 'login').text).toContain('need a login');
    expect(log.filter((line) => /^> (USER|PASS)/.test(line))).toEqual([]);
  });

  test('without an anonymous account says which checks need a login', async () => {
    const findings = await examine(site(server.port));
    expect(states(findings).at(-1)).toBe('login: unchecked');
    expect(findings.at(-1)?.remedy).toContain('ftp://USER@127.0.0.1:');
  });

  test('waits for a password that takes longer to type than an answer may take', async () => {
    const findings = await examine(site(server.port, { username: 'anna' }), {
      trusted: server.fingerprint256,
      answerMs: 500,
      password: () => new Promise((resolve) => setTimeout(() => resolve(PASSWORD), 800)),
    });
    expect(only(findings, 'login').state).toBe('ok');
  });

  test('refuses a wrong password, which is a problem of the login', async () => {
    const findings = await examine(site(server.port, { username: 'anna' }), {
      trusted: server.fingerprint256,
      password: async () => 'wrong',
    });
    expect(findings.at(-1)).toMatchObject({ check: 'login', state: 'problem', kind: 'login' });
  });
});

describe('what a server announces:', () => {
  test.each([
    ['10.0.0.5', 'problem', /only clients in its own network/],
    ['192.168.1.2', 'problem', /only clients in its own network/],
    ['100.64.3.4', 'problem', /only clients in its own network/],
    ['0.0.0.0', 'problem', /no client can connect/],
    ['203.0.113.9', 'warning', /connect to another host/],
  ])('PASV with %s is a %s', async (address, state, text) => {
    const server = await serve(passive(address));
    const findings = await examine(site(server.port, { tls: 'none' }));
    const finding = only(findings, 'pasv-address');
    expect(finding).toMatchObject({ state, text: expect.stringMatching(text) });
    expect(finding.remedy).toContain('--public-host 127.0.0.1');
    // The data connection goes to the host that was reached, so it works all the same.
    expect(only(findings, 'pasv-data').state).toBe('ok');
  });

  test('PASV without an address is a problem', async () => {
    const server = await serve((verb, _argument, control) =>
      verb === 'PASV' ? say(control, '227 Come in.') : undefined,
    );
    const findings = await examine(site(server.port, { tls: 'none' }));
    expect(only(findings, 'pasv-address')).toMatchObject({ state: 'problem', kind: 'protocol' });
  });

  test('EPSV refused is a warning, because PASV remains', async () => {
    const well = passive('127.0.0.1');
    const server = await serve((verb, argument, control) =>
      verb === 'EPSV' ? say(control, '500 What?') : well(verb, argument, control),
    );
    const findings = await examine(site(server.port, { tls: 'none' }));
    expect([only(findings, 'epsv-data').state, only(findings, 'pasv-data').state]).toEqual([
      'warning',
      'ok',
    ]);
  });

  test('data ports where nothing listens are problems with a remedy', async () => {
    const port = await freePort();
    const server = await serve((verb, _argument, control) => {
      if (verb === 'EPSV') return say(control, `229 Here (|||${port}|)`);
      if (verb === 'PASV') return say(control, `227 (${classicAddress('127.0.0.1', port)})`);
      return undefined;
    });
    const findings = await examine(site(server.port, { tls: 'none' }));
    for (const check of ['epsv-data', 'pasv-data'] as const) {
      expect(only(findings, check)).toMatchObject({
        state: 'problem',
        kind: 'network',
        remedy: expect.stringContaining('--pasv-range'),
      });
    }
  });

  test('a data connection that carries nothing is a problem of the network', async () => {
    const server = await serve(async (verb, _argument, control) => {
      if (verb === 'LIST') return say(control, '150 Here it comes.');
      return verb === 'PASV' ? say(control, '502 No.') : undefined;
    });
    const findings = await examine(site(server.port, { tls: 'none' }), { answerMs: 300 });
    expect(only(findings, 'epsv-data')).toMatchObject({ state: 'problem', kind: 'network' });
  });
});

describe('TLS:', () => {
  test('a certificate that has expired is a problem of trust; the anonymous checks go on', async () => {
    const server = await serve(passive('127.0.0.1'), { control: expired, data: expired });
    const findings = await examine(site(server.port));
    const dates = findings.find(({ text }) => text.includes('expired'));
    expect(dates).toMatchObject({ check: 'certificate', state: 'problem', kind: 'trust' });
    expect(only(findings, 'pasv-data').state).toBe('ok');
    expect(findings.filter(({ check }) => check === 'data-tls')).toHaveLength(2);
  });

  test('a self-signed certificate is a problem with its fingerprint, until that is trusted', async () => {
    const server = await serve(passive('127.0.0.1'), { control: valid, data: valid });
    const trust = (await examine(site(server.port))).find(({ facts }) => facts?.fingerprint256);
    expect(trust).toMatchObject({ state: 'problem', kind: 'trust' });
    const fingerprint = String(trust?.facts?.fingerprint256);
    expect(trust?.remedy).toContain(`--trust ${fingerprint}`);
    const findings = await examine(site(server.port), { trusted: fingerprint });
    expect(findings.filter(({ state }) => state === 'problem')).toEqual([]);
    const other = await examine(site(server.port), { trusted: 'AA:BB' });
    expect(other.find(({ text }) => text.includes('not the trusted one'))?.kind).toBe('trust');
  });

  test('a certificate for another name is a problem', async () => {
    const server = await serve(passive('127.0.0.1'), { control: valid, data: valid });
    const findings = await examine(site(server.port, { host: 'localhost' }));
    const names = findings.find(({ text }) => text.includes('not for localhost'));
    expect(names).toMatchObject({ check: 'certificate', state: 'problem', kind: 'trust' });
  });

  test('a server without TLS is a problem of trust', async () => {
    const server = await serve(passive('127.0.0.1'));
    const findings = await examine(site(server.port));
    expect(only(findings, 'tls')).toMatchObject({ state: 'problem', kind: 'trust' });
    expect(only(findings, 'pasv-data').state).toBe('ok');
    const named = await examine(site(server.port, { username: 'anna' }));
    expect(only(named, 'login').state).toBe('unchecked');
    expect(server.lines).not.toContain('USER anna');
  });

  test('PROT P that is refused is a warning', async () => {
    const well = passive('127.0.0.1');
    const server = await serve(
      (verb, argument, control) =>
        verb === 'PROT' ? say(control, '536 No.') : well(verb, argument, control),
      { control: valid, data: valid },
    );
    const findings = await examine(site(server.port));
    expect(findings.find(({ check }) => check === 'data-tls')?.state).toBe('warning');
  });
});

describe('a port that is no FTP control port:', () => {
  test.each([
    ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n', /SSH server/],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', /web server/],
    ['SMTP', '220 mail.example.org ESMTP\r\n', /mail server/],
    ['something else', 'Hello\r\n', /no FTP server/],
  ])('%s', async (_name, banner, text) => {
    const port = await raw((socket) => socket.write(banner));
    const findings = await examine(site(port));
    expect(findings.at(-1)).toMatchObject({
      check: 'greeting',
      kind: 'protocol',
      text: expect.stringMatching(text),
    });
  });

  test('silence', async () => {
    const port = await raw(() => {});
    const findings = await examine(site(port), { answerMs: 300 });
    expect(findings.at(-1)).toMatchObject({ check: 'greeting', kind: 'network' });
  });

  test('silence that is implicit TLS', async () => {
    const port = await listening(createTlsServer(valid));
    const findings = await examine(site(port), { answerMs: 1000 });
    expect(findings.at(-1)).toMatchObject({
      check: 'greeting',
      facts: { implicitTls: true },
      remedy: expect.stringContaining('ftps://127.0.0.1:'),
    });
  });

  test('implicit TLS at a port for explicit TLS', async () => {
    const server = await serve(passive('127.0.0.1'));
    const findings = await examine(site(server.port, { tls: 'implicit' }));
    expect(only(findings, 'tls')).toMatchObject({
      kind: 'trust',
      remedy: expect.stringContaining('ftp://127.0.0.1:'),
    });
  });

  test('an end without a greeting, and a refusal', async () => {
    const ending = await raw((socket) => socket.end());
    expect((await examine(site(ending))).at(-1)).toMatchObject({
      check: 'greeting',
      kind: 'network',
    });
    const refusing = await raw((socket) => socket.write('421 Too many.\r\n'));
    expect((await examine(site(refusing))).at(-1)).toMatchObject({
      check: 'greeting',
      kind: 'network',
    });
  });

  test('nobody listens', async () => {
    const port = await freePort();
    expect(await examine(site(port))).toMatchObject([{ check: 'connection', kind: 'network' }]);
  });

  test('a name without an address', async () => {
    const findings = await examine(site(21, { host: 'no-such-host.invalid' }));
    expect(findings).toMatchObject([{ check: 'name', state: 'problem', kind: 'network' }]);
  });
});

await describePeers(
  PEERS,
  ({ kind, ...start }) => {
    test('the checks of data connections find no problem', async () => {
      const server = await PeerServer.start(kind, start);
      open.push({ close: () => server.stop() });
      const target = site(server.port, { username: server.user });
      const trusted = (await examine(target)).find(({ facts }) => facts?.fingerprint256)?.facts;
      const findings = await examine(target, {
        password: async () => server.password,
        trusted: String(trusted?.fingerprint256),
      });
      const problems = findings.filter(({ state }) => state === 'problem');
      expect(problems).toEqual([]);
      expect(only(findings, 'pasv-data').state).toBe('ok');
    });
  },
  ['TLS'],
);
