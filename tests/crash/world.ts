import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { STAGING_DIRECTORY } from '../../server/disk/staging-directory.ts';
import { ControlClient } from '../../server/testing/control-client.ts';
import { forgetBoot } from '../../server/testing/forget-boot.ts';
import { untilMeasured } from '../../server/testing/until-measured.ts';
import type { FaultInjector } from '../faults/fault-injector.ts';
import type { BuiltServer, ServerRun } from './built-server.ts';
import { CAMERA, Camera } from './camera.ts';
import { compareFiles, compareQuota, resumePartial } from './checks.ts';
import { ClientModel } from './client-model.ts';
import { EMPTY, type Octets } from './content.ts';
import { CrashClient, PASSWORD } from './crash-client.ts';
import { DOOMED_DIRECTORY, DoomedClients } from './doomed-clients.ts';
import { addFolderGuest } from './folder-guest.ts';
import { KillMoment, ruleFor } from './kill-moment.ts';
import { type AccountFindings, observe, unsettled } from './observe.ts';
import { dropForRoom } from './own-uploads.ts';
import { Random } from './random.ts';
import { LOG, SharedLog } from './shared-log.ts';
import { SharedNames } from './shared-names.ts';
import { SHARED_DIRECTORY } from './shared-operations.ts';
import type { Tally } from './tally.ts';
import { fileAt } from './tree.ts';
import { workUntilKilled } from './workload.ts';

interface WorldParts {
  readonly built: BuiltServer;
  /** Undefined where the server's calls cannot be reached: then it is only killed from outside. */
  readonly injector: FaultInjector | undefined;
  readonly seed: number;
  readonly random: Random;
  readonly octets: Octets;
  readonly tally: Tally;
  readonly clients: number;
  readonly newStream: () => number;
}

const ACCOUNTS = ['anna', 'bert'] as const;

/** Has no files of its own: one client of the first account works through it in shared folders. */
const GUEST = 'cara';

/** So little that a few clients fill it. */
const QUOTA_BYTES_PER_CLIENT = 5 * 1024 * 1024;

/** One data directory with its clients, over many lives of its server. */
export class World {
  readonly directory: string;
  readonly #parts: WorldParts;
  readonly #clients: CrashClient[] = [];
  readonly #shared = new Map<string, SharedNames>();
  readonly #logs = new Map<string, SharedLog>();
  readonly #camera: Camera;
  #server: ServerRun;
  #port = 0;
  #startMs = 500;

  private constructor(directory: string, parts: WorldParts) {
    this.directory = directory;
    this.#parts = parts;
    // Not by `parts.random`, whose other numbers would change.
    this.#camera = new Camera({ ...parts, random: new Random(parts.seed) });
    this.#server = this.#launch();
  }

  static async create(parts: WorldParts): Promise<World> {
    const world = new World(await mkdtemp(join(tmpdir(), 'myftp-crash-')), parts);
    if (parts.random.chance(0.5)) await world.#killWhileStarting();
    await world.#listen();
    await world.#populate();
    return world;
  }

  /** Works, is killed, starts again and looks. */
  async round(): Promise<string> {
    const { random, tally, injector } = this.#parts;
    const moment = new KillMoment(random, { canInject: injector !== undefined });
    await this.#workUntil(moment);
    await injector?.set();
    if (random.chance(0.2)) await this.#forgetBoot();
    this.#server = this.#launch();
    while (random.chance(0.15)) await this.#killWhileStarting();
    await this.#listen();
    await this.#check();
    tally.add('rounds');
    return moment.description;
  }

  /** Ends the server in order and compares what it has written down. */
  async end(): Promise<void> {
    const { tally } = this.#parts;
    await this.#disconnect();
    const code = await this.#server.stop();
    if (code !== 0) tally.find(`the server ended with ${code}`);
    const { members, escrows } = await unsettled(this.directory);
    if (members > 0) tally.find(`${members} members and ${escrows} escrows are left after a stop`);
    const found = await this.#look('at the end');
    for (const [account, { usedBytes, bytes }] of found) {
      tally.add('quotas compared');
      if (usedBytes !== bytes) {
        tally.find(`${account}: ${usedBytes} bytes in the database, ${bytes} on the disk`);
      }
    }
  }

  async dispose(): Promise<void> {
    await this.#disconnect();
    await this.#server.kill();
  }

  async #disconnect(): Promise<void> {
    const all = [...this.#clients, this.#camera];
    await Promise.all(all.map((client) => client.disconnect()));
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }

  #launch(): ServerRun {
    const quotaBytes = QUOTA_BYTES_PER_CLIENT * Math.ceil(this.#parts.clients / ACCOUNTS.length);
    const { built, injector } = this.#parts;
    return built.launch(this.directory, {
      flags: ['--quota', String(quotaBytes), ...this.#trashFlags()],
      env: injector?.environment(this.directory) ?? {},
    });
  }

  /** A restart with another choice leaves items of both kinds. */
  #trashFlags(): string[] {
    const counting = this.#parts.random.chance(0.7) ? 'on' : 'off';
    return ['--keep-deleted', '7d', '--count-deleted', counting];
  }

  async #listen(): Promise<void> {
    const startedMs = performance.now();
    this.#port = await this.#server.listening;
    this.#startMs = Math.max(performance.now() - startedMs, 50);
    await untilMeasured(this.directory);
    this.#parts.tally.add('starts');
  }

  async #killWhileStarting(): Promise<void> {
    const { random, tally, injector } = this.#parts;
    if (random.chance(0.5)) await injector?.set(ruleFor(random));
    await Promise.race([delay(random.below(this.#startMs * 1.2)), this.#server.ended]);
    await this.#server.kill();
    await injector?.set();
    tally.add('kills');
    tally.add('kills while starting');
    this.#server = this.#launch();
  }

  /** As if the machine had restarted: then all accounts are measured. */
  async #forgetBoot(): Promise<void> {
    await forgetBoot(this.directory);
    this.#parts.tally.add('starts on another boot');
  }

  async #populate(): Promise<void> {
    const { clients, octets, random, tally, newStream } = this.#parts;
    for (const account of ACCOUNTS) {
      const control = await ControlClient.open(this.#port);
      await control.signUp(account, PASSWORD);
      const shared = new SharedNames(octets);
      this.#shared.set(account, shared);
      const log = new SharedLog();
      this.#logs.set(account, log);
      await control.command(`MKD ${SHARED_DIRECTORY}`);
      await control.command(`MKD ${DOOMED_DIRECTORY}`);
      for (let number = ACCOUNTS.indexOf(account); number < clients; number += ACCOUNTS.length) {
        const model = new ClientModel(`/c${number}`, octets);
        await control.command(`MKD ${model.home}`);
        const parts = {
          ...{ account, model, shared, log, octets, tally, newStream },
          guest: number === ACCOUNTS.length ? GUEST : undefined,
          stagingDirectory: join(this.directory, 'files', STAGING_DIRECTORY),
        };
        this.#clients.push(new CrashClient({ ...parts, random: random.fork() }));
      }
      await control.close();
    }
    await this.#camera.signUp(this.#port, this.directory);
    const guests = this.#clients.filter(({ guest }) => guest !== undefined);
    const directories = [SHARED_DIRECTORY, ...guests.map(({ model }) => model.home)];
    const server = { directory: this.directory, port: this.#port };
    await addFolderGuest(server, { username: GUEST, owner: ACCOUNTS[0], directories });
    for (const client of this.#clients) await client.connect(this.#port);
    for (const account of ACCOUNTS) await this.#resetLog(account);
  }

  async #resetLog(account: string): Promise<void> {
    const client = this.#clients.find((one) => one.account === account);
    if (client !== undefined) await this.#logs.get(account)?.reset(client);
  }

  async #workUntil(moment: KillMoment): Promise<void> {
    const { random, tally, seed, newStream, injector } = this.#parts;
    const server = this.#server;
    let isKilled = false;
    const run = { port: this.#port, isKilled: () => isKilled || server.isOver };
    const working = this.#clients.map((client) => {
      client.moment = moment;
      return workUntilKilled(client, run);
    });
    working.push(this.#camera.workUntilKilled(run));
    if (random.chance(0.3)) {
      const username = random.pick(ACCOUNTS);
      const shared = this.#shared.get(username);
      if (shared !== undefined) {
        const parts = { seed, port: this.#port, username, shared, random, tally, newStream };
        working.push(new DoomedClients(parts).die(server.ended));
        tally.add('client processes killed');
      }
    }
    if (moment.rule !== undefined) await injector?.set(moment.rule);
    await moment.wait(server.ended);
    if (server.isOver) tally.add('kills in the middle of a call');
    isKilled = true;
    await server.kill();
    tally.add('kills');
    await Promise.all(working);
  }

  async #look(when: string): Promise<Map<string, AccountFindings>> {
    const { tally } = this.#parts;
    const found = await observe(this.directory, [...ACCOUNTS, CAMERA]);
    const ofCamera = found.get(CAMERA);
    if (ofCamera !== undefined) this.#camera.compare(ofCamera);
    for (const account of ACCOUNTS) {
      const shared = this.#shared.get(account);
      const findings = found.get(account);
      if (shared === undefined || findings === undefined) continue;
      const clients = this.#clients.filter((client) => client.account === account);
      const before = tally.findings.length;
      compareFiles(findings, { clients, shared, tally });
      const why = this.#logs.get(account)?.compare(findings.files.get(LOG));
      if (why !== undefined) tally.find(`${account}: the log ${why}`);
      if (tally.findings.length > before) tally.find(`${account}: the above ${when}`);
    }
    return found;
  }

  async #check(): Promise<void> {
    const { tally, random } = this.#parts;
    await this.#checkLog();
    // With its first login, an account gets back what a crash has taken apart.
    await this.#connect();
    const found = await this.#look('after a start');
    await this.#compareQuotas(found, 'after a start');
    if (tally.findings.length > 0) return;
    for (const client of this.#clients) await this.#dropMakingWay(client, found);
    for (const client of this.#clients) await this.#resumeAll(client);
    for (const account of ACCOUNTS) await this.#settleShared(account, found.get(account));
    for (const account of ACCOUNTS) await this.#resetLog(account);
    if (random.chance(0.5)) await this.#restartInOrder();
    await this.#compareQuotas(await this.#look('after all was resumed'), 'after all was resumed');
  }

  async #restartInOrder(): Promise<void> {
    if (!this.#parts.random.chance(0.2)) return;
    await this.end();
    this.#server = this.#launch();
    await this.#listen();
    await this.#connect();
  }

  async #connect(): Promise<void> {
    for (const client of [...this.#clients, this.#camera]) await client.connect(this.#port);
  }

  async #compareQuotas(found: Map<string, AccountFindings>, when: string): Promise<void> {
    for (const [account, findings] of found) {
      const client = this.#clients.find((one) => one.account === account);
      const control = account === CAMERA ? this.#camera.control : client?.control;
      if (control === undefined) continue;
      const parts = { found: findings, account, tally: this.#parts.tally, when };
      await compareQuota(control, parts);
    }
  }

  async #dropMakingWay(
    client: CrashClient,
    found: ReadonlyMap<string, AccountFindings>,
  ): Promise<void> {
    const paths = [...(found.get(client.account)?.makingWay.keys() ?? [])];
    for (const path of paths.filter((one) => one.startsWith(`${client.model.home}/`))) {
      await dropForRoom(client, path);
    }
  }

  /** Most partials are resumed at once; some wait for another crash. */
  async #resumeAll(client: CrashClient): Promise<void> {
    const { model } = client;
    for (const path of model.paths('file')) {
      if (fileAt(model.tree, path).partial === undefined || client.random.chance(0.25)) continue;
      const homeDirectory = join(this.directory, 'files', client.account);
      await resumePartial(client, { path, homeDirectory });
    }
  }

  /** What several clients did is known now; partials that nobody will resume go. */
  async #settleShared(account: string, found: AccountFindings | undefined): Promise<void> {
    const shared = this.#shared.get(account);
    const client = this.#clients.find((one) => one.account === account);
    if (shared === undefined || client === undefined || found === undefined) return;
    for (const path of shared.paths) {
      const octets = found.files.get(path);
      const isDoomed = path.startsWith(`${DOOMED_DIRECTORY}/`);
      const isDeleted = found.partials.has(path) || (isDoomed && octets !== undefined);
      if (isDeleted) await this.#delete(client, path, found);
      const file = octets === undefined ? undefined : (shared.contentOf(path, octets) ?? EMPTY);
      shared.settle(path, { file: isDeleted ? undefined : file });
    }
  }

  async #delete(client: CrashClient, path: string, found: AccountFindings): Promise<void> {
    const answer = await client.command(`DELE ${path}`);
    // A resume of another client may have needed the room of a partial that makes way.
    const mayBeGone = found.makingWay.has(path) && !found.files.has(path);
    const isExpected = answer.code === 250 || (mayBeGone && answer.code === 550);
    if (!isExpected) client.complain(`DELE ${path}`, answer);
  }

  /** The server writes to its log as an error what somebody must see to. */
  async #checkLog(): Promise<void> {
    const log = await readFile(join(this.directory, 'logs/server.log'), 'utf8').catch(() => '');
    for (const line of log
      .split('\n')
      .filter((text) => /"level":"?(50|60|error|fatal)/.test(text))) {
      this.#parts.tally.find(`server.log: ${line}`);
    }
  }
}
