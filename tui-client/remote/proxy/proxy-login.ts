import { type ProxyServer, proxyUrl } from '../../sites/proxy.ts';

/** A proxy with what it takes to be let in. */
export class ProxyLogin {
  readonly proxy: ProxyServer;
  readonly #ask: () => Promise<string>;
  #password: Promise<string> | undefined;

  /** @param ask gives the password of the proxy's user. It is called when the proxy is first used. */
  constructor(proxy: ProxyServer, ask: () => Promise<string>) {
    this.proxy = proxy;
    this.#ask = ask;
  }

  /** As messages name it. */
  get name(): string {
    return `The proxy ${proxyUrl(this.proxy)}`;
  }

  /** Undefined for a proxy without a user. The password is asked for once, until the proxy refuses it. */
  async credentials(): Promise<{ username: string; password: string } | undefined> {
    const { username } = this.proxy;
    if (username === undefined) return undefined;
    this.#password ??= this.#ask();
    return { username, password: await this.#password };
  }

  forgetPassword(): void {
    this.#password = undefined;
  }
}
