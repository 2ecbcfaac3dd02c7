import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../server/testing/free-range.ts';
import { type RunningProgram, start } from '../clients/program.ts';

const ANSWERS_WITHIN_MS = 40_000;

/** A Prometheus that scrapes one address each second. */
export class Prometheus {
  readonly #directory: string;
  readonly #url: string;
  readonly #program: RunningProgram;

  private constructor(parts: { directory: string; url: string; program: RunningProgram }) {
    this.#directory = parts.directory;
    this.#url = parts.url;
    this.#program = parts.program;
  }

  static async scraping(target: string): Promise<Prometheus> {
    const directory = await mkdtemp(join(tmpdir(), 'myftp-prometheus-'));
    const config = join(directory, 'prometheus.yml');
    await writeFile(
      config,
      `scrape_configs:
- job_name: myftp
  scrape_interval: 1s
  static_configs:
  - targets: ['${target}']
`,
    );
    const address = `127.0.0.1:${await freePort()}`;
    const program = start('prometheus', [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=${address}`,
    ]);
    return new Prometheus({ directory, url: `http://${address}/api/v1/query?`, program });
  }

  /** The values of an instant query; waits for the first one, which a rate has after two scrapes. */
  async valuesOf(query: string): Promise<readonly string[]> {
    for (const endMs = performance.now() + ANSWERS_WITHIN_MS; ; ) {
      const values = await this.#ask(query);
      if (values.length > 0 || performance.now() > endMs) return values;
      await delay(200);
    }
  }

  async stop(): Promise<void> {
    this.#program.child.kill();
    await this.#program.ended;
    await rm(this.#directory, { recursive: true });
  }

  async #ask(query: string): Promise<readonly string[]> {
    const answer = await fetch(this.#url + new URLSearchParams({ query })).catch(() => undefined);
    if (answer?.ok !== true) return [];
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result.map(({ value: [, text] }) => text);
  }
}
