import { ConfigError } from '../config/config-error.ts';
import type { LiveSettings } from '../config/live-settings.ts';
import type { Settings } from '../config/settings.ts';
import { StartError } from '../errors/start-error.ts';
import type { Logs } from '../logging/logging.ts';
import type { PublicAddresses } from '../network/public-addresses.ts';
import type { OpenIdentity } from '../tls/open-identity.ts';

/** What a reload has done. */
export interface ReloadReport {
  /** Settings that are in force now. */
  readonly changed: readonly string[];
  /** Settings that differ from those in force and need a restart. */
  readonly needRestart: readonly string[];
  /** Why nothing was changed, or the certificate was not; empty if all went well. */
  readonly problems: readonly string[];
  readonly certificate: 'reloaded' | 'kept' | 'off';
}

interface ReloaderDeps {
  readonly liveSettings: LiveSettings;
  /** Reads flags, variables and file once more. @throws StartError if they cannot be used. */
  readonly rereadSettings: () => Settings;
  readonly identity: OpenIdentity | undefined;
  readonly publicAddresses: Pick<PublicAddresses, 'refresh'>;
  readonly logs: Logs;
  /** Applies changes to what runs. */
  readonly onChange: () => void;
}

/** Reloads settings and certificate on SIGHUP and by `myftp-server reload`. */
export class Reloader {
  readonly #deps: ReloaderDeps;

  constructor(deps: ReloaderDeps) {
    this.#deps = deps;
  }

  /** Never fails: settings that cannot be used change nothing, and a bad certificate leaves the one before. */
  async reload(trigger: 'SIGHUP' | 'command'): Promise<ReloadReport> {
    const read = this.#read();
    if (Array.isArray(read)) {
      this.#log.error({ trigger, problems: read }, 'settings not reloaded; nothing was changed');
      return { changed: [], needRestart: [], problems: read, certificate: 'kept' };
    }
    const { changed, needRestart } = this.#apply(read);
    this.#log.info({ trigger, changed }, 'settings reloaded');
    if (needRestart.length > 0)
      this.#log.warn({ trigger, needRestart }, 'changed settings need a restart');
    const problem = await this.#reloadCertificate(trigger);
    await this.#deps.publicAddresses.refresh();
    const isOff = this.#deps.identity === undefined;
    const certificate = problem !== undefined ? 'kept' : isOff ? 'off' : 'reloaded';
    return { changed, needRestart, problems: problem === undefined ? [] : [problem], certificate };
  }

  get #log(): Logs['server'] {
    return this.#deps.logs.server;
  }

  /** @returns the settings, or what is wrong with them. */
  #read(): Settings | string[] {
    try {
      return this.#deps.rereadSettings();
    } catch (error) {
      if (error instanceof ConfigError) return [...error.problems];
      if (error instanceof StartError) return [error.message];
      throw error;
    }
  }

  #apply(settings: Settings) {
    const change = this.#deps.liveSettings.replace(settings);
    if (change.changed.includes('log-level'))
      this.#deps.logs.setLevel(this.#deps.liveSettings.view.logLevel);
    if (change.changed.length > 0) this.#deps.onChange();
    return change;
  }

  /** A certificate that cannot be used is no reason to stop serving with the one before. @returns what is wrong. */
  async #reloadCertificate(trigger: string): Promise<string | undefined> {
    const { identity } = this.#deps;
    if (identity === undefined) return undefined;
    try {
      await identity.reload();
      this.#log.info({ trigger }, 'certificate reloaded');
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error({ trigger, reason }, 'certificate not reloaded; the one before stays in use');
      return reason;
    }
  }
}
