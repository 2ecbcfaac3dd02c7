import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** A thread that listens and then sleeps: its queue fills up, and the system drops what comes next. */
const SLEEPING_LISTENER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

const FULL_AFTER_MS = 200;

/** A port that does not answer, as behind a firewall that drops packets. */
export class SilentPort {
  readonly port: number;
  readonly #worker: Worker;
  readonly #sockets: readonly Socket[];

  private constructor(port: number, worker: Worker, sockets: readonly Socket[]) {
    this.port = port;
    this.#worker = worker;
    this.#sockets = sockets;
  }

  static async open(): Promise<SilentPort> {
    const worker = new Worker(SLEEPING_LISTENER, { eval: true });
    const [port] = (await once(worker, 'message')) as [number];
    const sockets: Socket[] = [];
    for (;;) {
      const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {});
      sockets.push(socket);
      const isOpen = once(socket, 'connect').then(() => true);
      if (!(await Promise.race([isOpen, delay(FULL_AFTER_MS, false)]))) break;
    }
    return new SilentPort(port, worker, sockets);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#worker.terminate();
  }
}
