import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload } from '../testing/cut-upload.ts';
import { TestServer } from '../testing/test-server.ts';

const NAMES = ['a', 'b', 'c'] as const;
const SESSIONS = 3;

interface Beginning {
  name: string;
  content: string;
  /** The order in which uploads began; a resume begins again. */
  number: number;
  /** The name has changed since then: the beginning is not seen there. */
  isLost: boolean;
  id: string | undefined;
  isCarriedOn: boolean;
}

interface Running extends Beginning {
  readonly data: Socket;
  /** Octets of the file so far that the upload itself has sent. */
  readonly sent: string;
  readonly kind: 'replace' | 'append';
  /** The beginning that it carries on. */
  readonly carried: Beginning | undefined;
  /** What it was to be appended to is a file: cut, it is no beginning of a file. */
  readonly isPart: boolean;
}

const name = fc.constantFrom(...NAMES);
const session = fc.nat(SESSIONS - 1);
const operation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('stor' as const), session, name }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('appe' as const), session, name }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('rest' as const), session, name, part: fc.nat(3) }),
  },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('finish' as const), session }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('cut' as const), session }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('dele' as const), name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rename' as const), name, to: name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mkd' as const), name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rmd' as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), which: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('recover' as const), which: fc.nat(9), name }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('restore' as const), which: fc.nat(9), name }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer One> ? One : never;
type Beginner = Extract<Operation, { kind: 'stor' | 'appe' | 'rest' }>;

/** In the place of a content. */
const DIRECTORY = 'a directory';

const SETTINGS = { keepDeletedMs: 3_600_000 };

/** A file or directory that was deleted or replaced. */
interface Trashed {
  readonly name: string;
  readonly content: string;
}

/** What names hold and show, and the server that it is compared with. */
class World {
  #server: TestServer;
  #sessions: ControlClient[] = [];
  #observer: ControlClient | undefined;
  readonly #disk = new Map<string, string>();
  /** The last one first. */
  readonly #trash: Trashed[] = [];
  #beginnings: Beginning[] = [];
  readonly #running = new Map<number, Running>();
  #number = 0;
  /** Every upload has another length, so that sizes tell them apart. */
  #lengthBytes = 0;

  private constructor(server: TestServer) {
    this.#server = server;
  }

  static async open(): Promise<World> {
    const world = new World(await TestServer.start({ settings: SETTINGS }));
    await (await world.#server.signUp()).close();
    await world.#logIn();
    return world;
  }

  async close(): Promise<void> {
    await this.#server.dispose();
  }

  async #logIn(): Promise<void> {
    const sessions = Array.from({ length: SESSIONS }, () => this.#server.login());
    this.#sessions = await Promise.all(sessions);
    this.#observer = await this.#server.login();
  }

  async #command(line: string): Promise<number> {
    return ((await this.#observer?.command(line)) ?? { code: -1 }).code;
  }

  #shown(at: string): Beginning | undefined {
    return this.#beginnings.find((one) => one.name === at && !one.isLost);
  }

  #visible(at: string): string | undefined {
    return this.#shown(at)?.content ?? this.#disk.get(at);
  }

  #loseName(at: string, except?: Beginning): void {
    for (const one of [...this.#beginnings, ...this.#running.values()]) {
      if (one.name === at && one !== except) one.isLost = true;
    }
  }

  async do(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'stor':
      case 'appe':
      case 'rest':
        return this.#begin(operation);
      case 'finish':
        return this.#finish(operation.session);
      case 'cut':
        return this.#cut(operation.session);
      case 'dele':
        return this.#delete(operation.name);
      case 'rename':
        return this.#rename(operation.name, operation.to);
      case 'mkd':
        return this.#makeDirectory(operation.name);
      case 'rmd':
        return this.#removeDirectory(operation.name);
      case 'drop':
        return this.#drop(operation.which);
      case 'recover':
        return this.#recover(operation.which, operation.name);
      case 'restore':
        return this.#restore(operation.which, operation.name);
      case 'restart':
        return this.#restart();
    }
  }

  async #begin(operation: Beginner): Promise<void> {
    const { kind, session: number, name: at } = operation;
    const client = this.#sessions[number];
    if (client === undefined || this.#running.has(number)) return;
    const command = `${kind === 'appe' ? 'APPE' : 'STOR'} ${at}`;
    const refusal = this.#refusal(operation);
    if (refusal !== undefined) {
      if (kind === 'rest') await client.command('REST 1');
      return expect((await client.store(command, 'x')).opening.code).toBe(refusal);
    }
    const { base, offset, isPart, carried } = this.#baseOf(operation);
    this.#lengthBytes += 1;
    const sent = String.fromCharCode(97 + (this.#lengthBytes % 26)).repeat(this.#lengthBytes);
    if (offset > 0) await client.command(`REST ${offset}`);
    const data = await beginUpload(client, command, sent);
    this.#number += 1;
    const resume = { isCarriedOn: true, number: this.#number, content: base + sent };
    if (carried !== undefined) Object.assign(carried, resume);
    const kindOfEnd = kind === 'appe' && carried === undefined ? 'append' : 'replace';
    this.#running.set(number, {
      ...{ name: at, content: base + sent, sent, number: this.#number, data, isPart, carried },
      ...{ isLost: false, isCarriedOn: false, id: carried?.id, kind: kindOfEnd },
    });
  }

  #refusal({ kind, name: at }: Beginner): number | undefined {
    if (this.#disk.get(at) === DIRECTORY) return 550;
    return kind !== 'stor' && this.#shown(at)?.isCarriedOn ? 450 : undefined;
  }

  /** What the upload begins with; from the start, it carries nothing on. */
  #baseOf(operation: Beginner) {
    const { kind, name: at } = operation;
    const [shown, visible] = [this.#shown(at), this.#visible(at) ?? ''];
    if (kind === 'appe') {
      const isPart = shown === undefined && this.#disk.has(at);
      return { base: isPart ? '' : visible, offset: 0, isPart, carried: shown };
    }
    const part = kind === 'rest' ? operation.part : 0;
    const offset = Math.floor((visible.length * part) / 3);
    const carried = offset > 0 ? shown : undefined;
    return { base: visible.slice(0, offset), offset, isPart: false, carried };
  }

  async #finish(number: number): Promise<void> {
    const upload = this.#running.get(number);
    if (upload === undefined) return;
    const before = this.#disk.get(upload.name);
    upload.data.end();
    const { code } = (await this.#sessions[number]?.reply()) ?? { code: -1 };
    this.#running.delete(number);
    if (before === DIRECTORY) {
      expect(code).toBe(550);
      this.#loseName(upload.name);
      upload.isLost = true;
      return this.#leave(upload);
    }
    expect(code).toBe(226);
    this.#loseName(upload.name);
    this.#beginnings = this.#beginnings.filter((one) => one !== upload.carried);
    const isAdded = upload.kind === 'append' && before !== undefined;
    if (!isAdded) this.#throwAway(upload.name);
    this.#disk.set(upload.name, isAdded ? before + upload.sent : upload.content);
  }

  async #cut(number: number): Promise<void> {
    const upload = this.#running.get(number);
    if (upload === undefined) return;
    upload.data.resetAndDestroy();
    expect((await this.#sessions[number]?.reply())?.code).toBe(426);
    this.#running.delete(number);
    await this.#leave(upload);
  }

  /** What has come of an upload stays. */
  async #leave(upload: Running): Promise<void> {
    const left: Beginning = upload.carried ?? { ...upload, content: upload.content };
    left.isCarriedOn = false;
    left.isLost ||= upload.isLost || upload.isPart;
    if (!left.isLost) {
      const rivals = this.#beginnings.filter(
        (one) => one.name === left.name && one !== left && !one.isLost,
      );
      for (const rival of rivals) {
        if (rival.number > left.number) left.isLost = true;
        else rival.isLost = true;
      }
    }
    if (upload.carried === undefined) this.#beginnings.push(left);
    await this.#learnIds();
  }

  async #learnIds(): Promise<void> {
    const unknown = (await this.#listed()).filter(
      ({ id }) => !this.#beginnings.some((one) => one.id === id),
    );
    for (const one of this.#beginnings.filter(({ id }) => id === undefined)) {
      one.id = unknown.find(
        ({ path, size }) => path === `/${one.name}` && size === one.content.length,
      )?.id;
    }
  }

  async #listed(): Promise<{ id: string; path: string; size: number; isShown: boolean }[]> {
    const { lines = [] } = (await this.#observer?.command('SITE PARTIALS')) ?? {};
    return lines.flatMap((line) => {
      const [, size, shown, id, path] =
        /^ size=(\d+);.*?(X\.shown=1;)?X\.id=([^;]+); (.+)$/.exec(line) ?? [];
      if (id === undefined || path === undefined) return [];
      return [{ id, path, size: Number(size), isShown: shown !== undefined }];
    });
  }

  async #delete(at: string): Promise<void> {
    const code = await this.#command(`DELE ${at}`);
    const shown = this.#shown(at);
    const visible = this.#visible(at);
    if (shown?.isCarriedOn) return expect(code).toBe(450);
    if (visible === undefined || visible === DIRECTORY) return expect(code).toBe(550);
    expect(code).toBe(250);
    this.#loseName(at);
    this.#beginnings = this.#beginnings.filter((one) => one !== shown);
    this.#throwAway(at);
  }

  /** What a name holds goes to the trash. */
  #throwAway(at: string): void {
    const content = this.#disk.get(at);
    if (content !== undefined) this.#trash.unshift({ name: at, content });
    this.#disk.delete(at);
  }

  async #rename(from: string, to: string): Promise<void> {
    const opening = await this.#command(`RNFR ${from}`);
    if (this.#visible(from) === undefined) return expect(opening).toBe(550);
    expect(opening).toBe(350);
    const code = await this.#command(`RNTO ${to}`);
    if (from === to) return expect(code).toBe(250);
    const shown = this.#shown(from);
    if (shown?.isCarriedOn || this.#shown(to)?.isCarriedOn) return expect(code).toBe(450);
    const [moved, replaced] = [this.#disk.get(from), this.#disk.get(to)];
    if (replaced === DIRECTORY || (moved === DIRECTORY && replaced !== undefined)) {
      return expect(code).toBe(550);
    }
    expect(code).toBe(250);
    this.#loseName(from, shown);
    this.#loseName(to);
    if (moved !== undefined) {
      this.#throwAway(to);
      this.#disk.set(to, moved);
    }
    this.#disk.delete(from);
    if (shown === undefined) return;
    this.#number += 1;
    Object.assign(shown, { name: to, number: this.#number });
  }

  async #makeDirectory(at: string): Promise<void> {
    const code = await this.#command(`MKD ${at}`);
    if (this.#visible(at) !== undefined) return expect(code).toBe(550);
    expect(code).toBe(257);
    this.#loseName(at);
    this.#disk.set(at, DIRECTORY);
  }

  async #removeDirectory(at: string): Promise<void> {
    const code = await this.#command(`RMD ${at}`);
    const isAwaited = [...this.#running.values()].some((upload) => upload.name === at);
    if (this.#disk.get(at) !== DIRECTORY || isAwaited) return expect(code).toBe(550);
    expect(code).toBe(250);
    this.#throwAway(at);
  }

  async #drop(which: number): Promise<void> {
    const one = this.#beginnings[which % Math.max(this.#beginnings.length, 1)];
    if (one === undefined) return;
    const code = await this.#command(`SITE PARTIALS DROP ${one.id}`);
    if (one.isCarriedOn) return expect(code).toBe(450);
    expect(code).toBe(250);
    this.#beginnings = this.#beginnings.filter((other) => other !== one);
  }

  async #recover(which: number, at: string): Promise<void> {
    const one = this.#beginnings[which % Math.max(this.#beginnings.length, 1)];
    if (one === undefined) return;
    const code = await this.#command(`SITE PARTIALS RECOVER ${one.id} ${at}`);
    if (one.isCarriedOn) return expect(code).toBe(450);
    const shown = this.#shown(at);
    const isTaken = this.#disk.has(at) || (shown !== undefined && shown !== one);
    if (isTaken) return expect(code).toBe(550);
    expect(code).toBe(250);
    this.#loseName(at, one);
    this.#number += 1;
    Object.assign(one, { name: at, number: this.#number, isLost: false });
  }

  async #restore(which: number, at: string): Promise<void> {
    const index = which % Math.max(this.#trash.length, 1);
    const item = this.#trash[index];
    if (item === undefined) return;
    const id = (await this.#listedTrash())[index]?.id;
    const code = await this.#command(`SITE TRASH RESTORE ${id} ${at}`);
    if (this.#visible(at) !== undefined) return expect(code).toBe(550);
    expect(code).toBe(250);
    this.#loseName(at);
    this.#trash.splice(index, 1);
    this.#disk.set(at, item.content);
  }

  async #listedTrash(): Promise<{ id: string; path: string; size: number }[]> {
    const { lines = [] } = (await this.#observer?.command('SITE TRASH')) ?? {};
    return lines.flatMap((line) => {
      const [, size, id, path] = /^ type=[^;]+;size=(\d+);.*X\.id=([^;]+); (.+)$/.exec(line) ?? [];
      if (id === undefined || path === undefined) return [];
      return [{ id, path, size: Number(size) }];
    });
  }

  /** Cuts all that runs. */
  async #restart(): Promise<void> {
    await this.#server.stop({ graceMs: 0 });
    this.#server = await TestServer.start({
      directory: this.#server.directory,
      settings: SETTINGS,
    });
    await this.#logIn();
    const cut = [...this.#running.values()];
    this.#running.clear();
    for (const upload of cut) await this.#leave(upload);
  }

  /** What is seen is what was confirmed last, or the newest beginning since; and nothing that has come is lost. */
  async check(): Promise<void> {
    for (const at of NAMES) {
      const file = this.#disk.get(at);
      const onDisk = await readFile(join(this.#server.rootDir, 'anna', at), 'utf8').catch(
        (error: NodeJS.ErrnoException) => (error.code === 'EISDIR' ? DIRECTORY : undefined),
      );
      expect([at, onDisk]).toEqual([at, file]);
      const visible = this.#visible(at);
      // What is being carried on grows under the eyes of its owner.
      const { data, opening } = (await this.#observer?.retrieve(`RETR ${at}`)) ?? {};
      if (visible !== undefined && visible !== DIRECTORY)
        expect([at, String(data)]).toEqual([at, visible]);
      else expect(opening?.code).toBe(550);
    }
    const listed = (await this.#listed()).map(({ path, size, isShown }) => [path, size, isShown]);
    const expected = this.#beginnings.map((one) => [
      `/${one.name}`,
      one.content.length,
      !one.isLost,
    ]);
    expect(listed.sort()).toEqual(expected.sort());
    const trashed = (await this.#listedTrash()).map(({ path, size }) => [path, size]);
    const sizeOf = ({ content }: Trashed) => (content === DIRECTORY ? 0 : content.length);
    expect(trashed).toEqual(this.#trash.map((item) => [`/${item.name}`, sizeOf(item)]));
  }
}

test('random operations of several sessions show what was confirmed last, or the newest beginning', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 60 }), async (operations) => {
      const world = await World.open();
      try {
        for (const one of operations) {
          await world.do(one);
          await world.check();
        }
      } finally {
        await world.close();
      }
    }),
    { numRuns: Number(process.env.MYFTP_TEST_RUNS ?? 12), interruptAfterTimeLimit: 100_000 },
  );
}, 120_000);
