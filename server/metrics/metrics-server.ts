import type { ListenAddress } from '../config/listen-address.ts';
import { type HttpAnswer, type HttpRequest, HttpService } from '../network/http-service.ts';
import type { MetricsSource } from './metrics-registry.ts';

const NOT_READY: HttpAnswer = { status: 503, text: 'not ready\n' };

type Metrics = ReturnType<typeof import('./metrics-registry.ts').metricsOf>;

/**
 * Answers HTTP requests of monitoring: `/metrics` for Prometheus, `/healthz` (the process works), and `/readyz`
 * (clients are accepted).
 */
export class MetricsServer {
  readonly #service = new HttpService((request) => this.#answer(request));
  #metrics: Metrics | undefined;
  #isReady: () => boolean = () => false;

  /** Listens; nothing is ready before {@link MetricsServer.serve}. @throws the error of the system. */
  static async open({ host, port }: ListenAddress): Promise<MetricsServer> {
    const opened = new MetricsServer();
    await opened.#service.listen({ host, port });
    return opened;
  }

  get port(): number {
    return this.#service.port;
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
    await this.#service.close();
    this.#metrics?.clear();
  }

  async #answer({ method, path }: HttpRequest): Promise<HttpAnswer> {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'only GET\n' };
    if (path === '/healthz') return { status: 200, text: 'ok\n' };
    if (path === '/readyz') return this.#isReady() ? { status: 200, text: 'ready\n' } : NOT_READY;
    if (path !== '/metrics') return { status: 404, text: '/metrics, /healthz or /readyz\n' };
    if (this.#metrics === undefined) return NOT_READY;
    return { status: 200, text: await this.#metrics.metrics(), type: this.#metrics.contentType };
  }
}
