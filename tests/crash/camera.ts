import { join } from 'node:path';
import { openDatabase } from '../../db/open-database.ts';
import { QuotaRepository } from '../../db/quota-repository.ts';
import { RetentionRepository } from '../../db/retention-repository.ts';
import { ControlClient } from '../../server/testing/control-client.ts';
import { type Content, continued, EMPTY, type Octets } from './content.ts';
import { PASSWORD } from './crash-client.ts';
import type { Random } from './random.ts';
import type { Tally } from './tally.ts';
import type { Observed } from './tree.ts';

export const CAMERA = 'camera';

const QUOTA_BYTES = 2 * 1024 * 1024;
const MAX_IMAGE_BYTES = 300_000;

/** Several images for each, so that directories become empty. */
const IMAGES_PER_DIRECTORY = 5;

interface CameraParts {
  readonly octets: Octets;
  readonly random: Random;
  readonly tally: Tally;
  readonly newStream: () => number;
}

/** Uploads one image after another into a full account, whose oldest files the server deletes for that. */
export class Camera {
  readonly #parts: CameraParts;
  readonly #contents = new Map<string, Content>();
  /** Images that the server has confirmed, the oldest first. */
  readonly #confirmed: string[] = [];
  #control: ControlClient | undefined;

  constructor(parts: CameraParts) {
    this.#parts = parts;
  }

  get control(): ControlClient | undefined {
    return this.#control;
  }

  /** Makes its account. */
  async signUp(port: number, directory: string): Promise<void> {
    this.#control = await ControlClient.open(port);
    await this.#control.signUp(CAMERA, PASSWORD);
    const database = openDatabase(join(directory, 'myftp.db'));
    try {
      const rules = new RetentionRepository(database.queries);
      const { id = -1 } = (await rules.findByUsername(CAMERA)) ?? {};
      const rule = { deleteAfterMs: 0, isOldestFirst: true, removesEmpty: true };
      await rules.setOfAccount(id, { '/': rule });
      await new QuotaRepository(database.queries).setLimit(id, QUOTA_BYTES);
    } finally {
      await database.close();
    }
  }

  async connect(port: number): Promise<void> {
    this.#control = await ControlClient.open(port);
    await this.#control.login(CAMERA, PASSWORD);
  }

  async disconnect(): Promise<void> {
    await this.#control?.close();
  }

  /** Works until the server is gone. */
  async workUntilKilled(run: { isKilled(): boolean }): Promise<void> {
    while (!run.isKilled()) {
      // Its connections are closed when the server is killed.
      const isDone = await this.#upload().catch(() => false);
      if (!isDone) return;
    }
  }

  async #upload(): Promise<boolean> {
    const { random, newStream, octets, tally } = this.#parts;
    const number = this.#contents.size;
    const directory = `/day${String(Math.floor(number / IMAGES_PER_DIRECTORY)).padStart(4, '0')}`;
    const path = `${directory}/${String(number).padStart(5, '0')}.jpg`;
    const sizeBytes = 1 + random.below(MAX_IMAGE_BYTES);
    const content = continued(EMPTY, { offsetBytes: 0, stream: newStream(), sizeBytes });
    this.#contents.set(path, content);
    // It may exist, or have been removed with its images.
    await this.#control?.command(`MKD ${directory}`);
    const reply = await this.#control?.store(`STOR ${path}`, octets.of(content));
    const { code, lines } = reply?.closing ?? { code: 0, lines: [] };
    if (code === 226) {
      this.#confirmed.push(path);
      tally.add('images of cameras uploaded');
    } else if (code !== 0) tally.find(`camera: STOR ${path} was answered ${lines.join(' / ')}`);
    return code === 226;
  }

  /** Only the oldest images may be missing, and what is there is whole. */
  compare({ files }: Observed): void {
    const { octets, tally } = this.#parts;
    for (const [path, found] of files) {
      const content = this.#contents.get(path);
      if (content !== undefined && octets.are(found, content)) continue;
      tally.find(`camera: ${path} has ${found.length} bytes that were not sent`);
    }
    const oldest = this.#confirmed.findIndex((path) => files.has(path));
    const kept = oldest < 0 ? this.#confirmed.slice(-1) : this.#confirmed.slice(oldest);
    const missing = kept.find((path) => !files.has(path));
    if (missing !== undefined) tally.find(`camera: ${missing} is missing, and is not the oldest`);
    tally.add('images of cameras compared', files.size);
  }
}
