import { expect } from '@jest/globals';
import type { Site } from '../../sites/site.ts';
import type { ConnectOptions } from '../connection/connect-site.ts';
import type { RemoteSession } from '../remote-session.ts';
import { type Script, ScriptedServer, type ScriptedServerOptions } from './scripted-server.ts';
import { connectAnna } from './test-site.ts';

const FEATURES = ['MLST type*;size*;', 'REST STREAM', 'UTF8'];

/** The scripted servers and the sessions of a test. */
export class Stage {
  readonly #open: { close(): Promise<void> }[] = [];

  async serve(script: Script, options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
    const server = await ScriptedServer.start(script, { features: FEATURES, ...options });
    this.#open.push(server);
    return server;
  }

  /** A session with a server that follows a script. */
  async connect(
    script: Script,
    features: readonly string[] = FEATURES,
  ): Promise<{ session: RemoteSession; server: ScriptedServer }> {
    const server = await this.serve(script, { features });
    return { session: await this.connectTo(server), server };
  }

  async connectTo(
    server: Pick<ScriptedServer, 'port'>,
    options: Partial<ConnectOptions & Pick<Site, 'tls'>> = {},
  ): Promise<RemoteSession> {
    const session = await connectAnna(server.port, options);
    this.#open.push(session);
    return session;
  }

  async clear(): Promise<void> {
    for (const one of this.#open.splice(0).reverse()) await one.close();
  }
}

/** A server that answers a verb with octets on the data connection. */
export function sending(verb: string, octets: string | Uint8Array): Script {
  return (said, _argument, control) =>
    said === verb ? control.sendData(octets).then(() => true) : undefined;
}

/** One that answers a verb with a reply. */
export function saying(verb: string, ...lines: string[]): Script {
  return (said, _argument, control) => {
    if (said !== verb) return undefined;
    control.say(...lines);
    return true;
  };
}

/** That the session is in step: it understands the next reply. */
export async function expectAlive(session: RemoteSession): Promise<void> {
  expect(await session.command('NOOP')).toMatchObject({ code: 200 });
}
