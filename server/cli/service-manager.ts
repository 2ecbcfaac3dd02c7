import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from 'pino';

const run = promisify(execFile);

/** The report is for systemd alone; its program must not delay the server. */
const REPORT_TIMEOUT_MS = 5000;

interface Options {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/**
 * Reports the server's state to systemd, for units of `Type=notify`. Without systemd it does nothing.
 *
 * Node has no datagram sockets of the local family, so systemd-notify(1) sends the report; the unit
 * needs `NotifyAccess=all`.
 */
export class ServiceManager {
  readonly #environment: Options['environment'];
  readonly #log: Logger;

  constructor({ environment, log }: Options) {
    this.#environment = environment;
    this.#log = log;
  }

  /** @param url where clients can connect, for `systemctl status`. */
  ready(url: string): Promise<void> {
    return this.#report('READY=1', `STATUS=Listening on ${url}`);
  }

  stopping(): Promise<void> {
    return this.#report('STOPPING=1', 'STATUS=Stopping, running transfers may end');
  }

  async #report(...assignments: readonly string[]): Promise<void> {
    const { NOTIFY_SOCKET, PATH } = this.#environment;
    if (!NOTIFY_SOCKET) return;
    try {
      await run('systemd-notify', assignments, {
        env: { NOTIFY_SOCKET, PATH: PATH ?? '/usr/bin:/bin' },
        timeout: REPORT_TIMEOUT_MS,
      });
    } catch (err) {
      this.#log.error({ err, assignments }, 'state not reported to systemd');
    }
  }
}
