import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** Plain text if left out. */
  readonly type?: string;
}

type Answering = (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;

const NOT_UNDERSTOOD: HttpAnswer = { status: 400, text: 'the path is not understood\n' };
const FAILED: HttpAnswer = { status: 500, text: 'the server could not answer\n' };

/** More than monitoring and an administrator need at a time. */
const MAX_CONNECTIONS = 16;

/** A small HTTP server beside the FTP server. It does not keep the process alive, and no request can end the process. */
export class HttpService {
  readonly #server: Server;

  /** @param answer a failure of it is told as 500. */
  constructor(answer: Answering) {
    this.#server = createServer((request, response) => {
      answerTo(request, answer).then(
        (given) => send(response, given),
        () => send(response, FAILED),
      );
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.unref();
  }

  /** Binds the address, or the path of a Unix socket, before it returns. @throws the error of the system. */
  async listen(address: { host: string; port: number } | { path: string }): Promise<void> {
    this.#server.listen(address);
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

async function answerTo(
  {
    method = '',
    url = '',
  }: { readonly method?: string | undefined; readonly url?: string | undefined },
  answer: Answering,
): Promise<HttpAnswer> {
  // Clients may write anything here, `//` for example.
  const parsed = URL.parse(url, 'http://localhost');
  if (parsed === null) return NOT_UNDERSTOOD;
  return await answer({ method, path: parsed.pathname, query: parsed.searchParams });
}

function send(response: ServerResponse, { status, text, type }: HttpAnswer): void {
  response.writeHead(status, { 'content-type': type ?? 'text/plain; charset=utf-8' });
  response.end(text);
}
