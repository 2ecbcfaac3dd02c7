import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { jobFor } from '../transfer-plan.ts';
import type { Job } from './job.ts';
import { type JobEvent, reduceJob } from './job-reducer.ts';
import { Journal } from './journal.ts';
import { replay } from './journal-lines.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'myftp-journal-'));
  path = join(directory, 'state', 'queue.jsonl');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

function jobAt(name: string, more: Partial<Job> = {}): Job {
  const plan = { direction: 'upload', kind: 'file', policy: 'ask', sizeBytes: 1e9 } as const;
  const job = jobFor(
    { ...plan, from: `/here/${name}`, to: `/${name}` },
    { id: name, site: 's', state: 'waiting' },
  );
  return { ...job, ...more };
}

/** Tells the journal of events as the queue does. */
function live(journal: Journal, job: Job, ...events: JobEvent[]): Job {
  return events.reduce((before, event) => {
    const after = reduceJob(before, event);
    journal.changed(before, after);
    return after;
  }, job);
}

const FINISHED: JobEvent = { type: 'finished', verified: 'unavailable' };

test('the next run gets what is unfinished, as far as it was', async () => {
  const journal = await Journal.open(path);
  const jobs = ['waiting', 'running', 'done', 'failed', 'paused', 'gone'].map((name) =>
    jobAt(name),
  );
  const [, running, done, failed, paused] = jobs as [Job, Job, Job, Job, Job, Job];
  journal.added(jobs);
  live(
    journal,
    running,
    { type: 'started' },
    { type: 'begun', to: '/other', doneBytes: 0 },
    { type: 'moved', doneBytes: 50e6 },
    { type: 'moved', doneBytes: 50e6 + 1 },
  );
  live(journal, done, { type: 'started' }, FINISHED);
  const error = { kind: 'denied', message: '550 No.', code: 550 } as const;
  live(journal, failed, { type: 'started' }, { type: 'failed', error });
  live(journal, paused, { type: 'paused' });
  journal.removed('gone');
  await journal.close();

  const next = await Journal.open(path);
  expect(next.unfinished.map(({ id, state }) => [id, state])).toEqual([
    ['waiting', 'waiting'],
    ['running', 'waiting'],
    ['failed', 'failed'],
    ['paused', 'paused'],
  ]);
  expect(next.unfinished[1]).toMatchObject({ isBegun: true, to: '/other', doneBytes: 50e6 });
  expect(next.unfinished[2]).toMatchObject({ error, tries: 1 });
  await next.close();
});

test('files that are done stay as long as their directory has to be read again', async () => {
  const journal = await Journal.open(path);
  const open = jobAt('open', { kind: 'directory' });
  const read = jobAt('read', { kind: 'directory' });
  const children = [jobAt('open/1', { parent: 'open' }), jobAt('read/1', { parent: 'read' })];
  journal.added([open, read, ...children]);
  for (const child of children) live(journal, child, { type: 'started' }, FINISHED);
  live(journal, read, { type: 'started' }, { type: 'finished', verified: undefined });
  await journal.close();

  const next = await Journal.open(path);
  expect(next.unfinished.map(({ id, state }) => [id, state])).toEqual([
    ['open', 'waiting'],
    ['open/1', 'done'],
  ]);
  await next.close();
});

test('directories that are done stay as long as something of them is left', async () => {
  const journal = await Journal.open(path);
  const top = jobAt('top', { kind: 'directory' });
  const sub = jobAt('top/sub', { kind: 'directory', parent: 'top' });
  const empty = jobAt('top/empty', { kind: 'directory', parent: 'top' });
  journal.added([top, sub, empty, jobAt('top/sub/1', { parent: 'top/sub' })]);
  for (const directoryJob of [top, sub, empty]) {
    live(journal, directoryJob, { type: 'started' }, { type: 'finished', verified: undefined });
  }
  await journal.close();

  const next = await Journal.open(path);
  expect(next.unfinished.map(({ id, state }) => [id, state])).toEqual([
    ['top', 'done'],
    ['top/sub', 'done'],
    ['top/sub/1', 'waiting'],
  ]);
  await next.close();
});

test('it is read right however many octets of it a crash has left', async () => {
  const journal = await Journal.open(path);
  const [one, two] = [jobAt('one'), jobAt('zwei é 日')];
  journal.added([one, two]);
  live(journal, one, { type: 'started' }, { type: 'begun', to: '/one', doneBytes: 0 }, FINISHED);
  await journal.close();
  const whole = await readFile(path);

  const seen = new Set<string>();
  for (let length = 0; length <= whole.length; length++) {
    const jobs = [...(await replay(whole.toString('utf8', 0, length))).values()];
    seen.add(jobs.map(({ id, state, isBegun }) => `${id} ${state} ${isBegun}`).join());
  }
  expect([...seen]).toEqual([
    '',
    'one waiting undefined',
    'one waiting undefined,zwei é 日 waiting undefined',
    'one waiting true,zwei é 日 waiting undefined',
    'one done true,zwei é 日 waiting undefined',
  ]);
  await truncate(path, whole.length - 3);
  const torn = await Journal.open(path);
  expect(torn.unfinished.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  await torn.close();
  await truncate(path, 0);
  await appendFile(path, 'null\n[]\n{"add":{"id":"x"}}\n{"set":"y","to":null}\n{"gone":3}\n\0\0\n');
  const odd = await Journal.open(path);
  expect(odd.unfinished).toEqual([]);
  await odd.close();
});

test('it is for its owner alone, follows no link and keeps names that are not UTF-8', async () => {
  const journal = await Journal.open(path);
  journal.added([jobAt('caf\udce9')]);
  await journal.close();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(directory, 'state'))).mode & 0o777).toBe(0o700);
  const again = await Journal.open(path);
  expect(again.unfinished[0]?.from).toBe('/here/caf\udce9');
  await again.close();

  await rm(path);
  await writeFile(join(directory, 'victim'), 'precious');
  await symlink(join(directory, 'victim'), path);
  await expect(Journal.open(path)).rejects.toThrow();
  expect(await readFile(join(directory, 'victim'), 'utf8')).toBe('precious');
});

test('a second program has a journal of its own, which the next run takes over', async () => {
  const first = await Journal.open(path);
  const second = await Journal.open(path);
  first.added([jobAt('one')]);
  second.added([jobAt('two')]);
  await first.close();
  await second.close();

  const next = await Journal.open(path);
  expect(next.unfinished.map(({ id }) => id)).toEqual(['one', 'two']);
  await next.close();
  expect(await readdir(join(directory, 'state'))).toEqual(['queue.jsonl']);
});

test('the lock of a program that has died is no lock', async () => {
  await (await Journal.open(path)).close();
  await writeFile(`${path}.lock`, '999999999');
  const journal = await Journal.open(path);
  journal.added([jobAt('one')]);
  await journal.close();
  expect(await readFile(path, 'utf8')).toContain('"one"');
});
