import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../config/listen-address.ts';
import type { MetricsSource } from './metrics-registry.ts';

/** Prometheus needs one or two. */
const MAX_CONNECTIONS = 16;

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

const NOT_READY: Answer = { status: 503, text: 'not ready\n' };

type Metrics = ReturnType<typeof import('./metrics-registry.ts').metricsOf>;

/**
 * Answers HTTP requests of monitoring: `/metrics` for Prometheus, `/healthz` (the process works), and `/readyz`
 * (clients are accepted).
 */
export class MetricsServer {
  readonly #server: Server;
  #metrics: Metrics | undefined;
  #isReady: () => boolean = () => false;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      this.#answer(request.method ?? '', pathname).then(
        (answer) => send(response, answer),
        () => send(response, { status: 500, text: 'the metrics cannot be read\n' }),
      );
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.unref();
  }

  /** Listens; nothing is ready before {@link MetricsServer.serve}. @throws the error of the system. */
  static async open({ host, port }: ListenAddress): Promise<MetricsServer> {
    const opened = new MetricsServer();
    opened.#server.listen({ host, port });
    await once(opened.#server, 'listening');
    return opened;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async serve(source: MetricsSource): Promise<void> {
    const { metricsOf } = await import('./metrics-registry.ts');
    this.#metrics = metricsOf(source);
    this.#isReady = () => !source.server.isDraining;
  }

  /** The server is about to stop. */
  setUnready(): void {
    this.#isReady = () => false;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    this.#metrics?.clear();
  }

  async #answer(method: string, path: string): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'only GET\n' };
    if (path === '/healthz') return { status: 200, text: 'ok\n' };
    if (path === '/readyz') return this.#isReady() ? { status: 200, text: 'ready\n' } : NOT_READY;
    if (path !== '/metrics') return { status: 404, text: '/metrics, /healthz or /readyz\n' };
    if (this.#metrics === undefined) return NOT_READY;
    return { status: 200, text: await this.#metrics.metrics(), type: this.#metrics.contentType };
  }
}

function send(response: ServerResponse, { status, text, type }: Answer): void {
  response.writeHead(status, { 'content-type': type ?? 'text/plain; charset=utf-8' });
  response.end(text);
}
