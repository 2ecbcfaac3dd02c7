import * as v from 'valibot';
import { readConfigFile, writeConfigFile } from './config-file.ts';

const PINS = v.record(
  v.string(),
  v.pipe(
    v.string('must be text'),
    v.regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/, 'must be a SHA-256 fingerprint, as "81:A9:..."'),
  ),
);

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The certificates that the user has trusted for good, by host and port. */
export class Pins {
  readonly #path: string;

  constructor(paths: { readonly pins: string }) {
    this.#path = paths.pins;
  }

  /** The SHA-256 fingerprint, in upper-case hex with colons. */
  async find(endpoint: Endpoint): Promise<string | undefined> {
    return (await readConfigFile(this.#path, PINS))[keyOf(endpoint)];
  }

  /** Instead of the one before. */
  async pin(endpoint: Endpoint, fingerprint256: string): Promise<void> {
    const others = await readConfigFile(this.#path, PINS);
    await writeConfigFile(this.#path, { ...others, [keyOf(endpoint)]: fingerprint256 });
  }

  async forget(endpoint: Endpoint): Promise<void> {
    const { [keyOf(endpoint)]: _, ...others } = await readConfigFile(this.#path, PINS);
    await writeConfigFile(this.#path, others);
  }
}

function keyOf({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host.toLowerCase()}:${port}`;
}
