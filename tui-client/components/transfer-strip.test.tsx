import { afterEach, describe, expect, test } from '@jest/globals';
import { draw, endDrawnScreens } from '../testing/drawn-screen.tsx';
import { nastyNames } from '../testing/nasty-names.ts';
import { widthOf } from '../text/text-width.ts';
import type { Job } from '../transfers/queue/job.ts';
import { queueRow } from './queue-row.ts';
import { makeTheme } from './theme.ts';
import { stripRow, waitingRow } from './transfer-row.ts';
import { type StripTotals, TransferStrip } from './transfer-strip.tsx';

afterEach(endDrawnScreens);

const MIB = 1024 ** 2;
const theme = makeTheme({ background: 'dark', env: { NO_COLOR: '1' } });

const job: Job = {
  id: '1',
  direction: 'upload',
  kind: 'file',
  from: '/home/alice/video-0412.mp4',
  to: '/www/media/video-0412.mp4',
  site: 'work',
  sizeBytes: 1000 * MIB,
  modifiedMs: undefined,
  policy: 'ask',
  state: 'running',
  doneBytes: 615 * MIB,
  tries: 0,
};

const totals: StripTotals = {
  running: 2,
  waiting: 41,
  paused: 0,
  failed: 1,
  doneBytes: 1200 * MIB,
  totalBytes: 4700 * MIB,
  isAtLeast: true,
  bytesPerSecond: 38_000_000,
  secondsLeft: 92,
};

test('the strip tells totals and what runs', async () => {
  const jobs = [
    { job, bytesPerSecond: 22_100_000 },
    {
      job: { ...job, direction: 'download' as const, from: '/backup.tar.gz', sizeBytes: undefined },
      bytesPerSecond: 0,
    },
  ];
  const drawn = draw(<TransferStrip theme={theme} width={80} totals={totals} jobs={jobs} />, {
    columns: 80,
    rows: 3,
  });
  expect(await drawn.lines()).toEqual([
    ' 2 running, 41 waiting, 1 failed    38.0 MB/s    1.2 G of ≥4.6 G    1:32 left',
    expect.stringMatching(/^ ↑ video-0412\.mp4 +█+░+ {3}61 % {3}22\.1 MB\/s {5}0:18$/),
    expect.stringMatching(/^ ↓ backup\.tar\.gz +░+ +0 B\/s$/),
  ]);
});

describe('a job in the queue', () => {
  const row = async (change: Partial<Job>) => {
    const painted = queueRow({
      theme,
      width: 100,
      job: { ...job, ...change },
      bytesPerSecond: 22_100_000,
      cursor: 'elsewhere',
    });
    const drawn = draw(undefined, { columns: 100, rows: 1 });
    drawn.screen.write(painted);
    return (await drawn.lines())[0];
  };

  test.each([
    [{ state: 'running' }, /^ ▶ ↑ video-0412\.mp4 +\/www\/media +61 % +1000 M +22\.1 MB\/s +0:18$/],
    [{ state: 'paused' }, /^ ‖ .*paused at 615 M$/],
    [{ state: 'waiting' }, /^ … .*waiting$/],
    [{ state: 'waiting', tries: 2 }, /^ … .*try 3 later, 615 M sent$/],
    [{ state: 'waiting', tries: 1, direction: 'download' }, /^ … .*try 2 later, 615 M kept$/],
    [{ state: 'checking' }, /^ ≟ .*comparing checksums …$/],
    [{ state: 'skipped', note: 'not newer' }, /^ - .*skipped: not newer$/],
    [
      { state: 'failed', error: { kind: 'space', message: '552 Quota exceeded: 2.0 GB free' } },
      /^ ✗ ↑ video-0412\.mp4 +552 Quota exceeded: 2\.0 GB free$/,
    ],
    [
      {
        state: 'failed',
        error: { kind: 'denied', message: `Could not upload ${job.to}: 550 ${'No. '.repeat(40)}` },
      },
      /^ ✗ ↑ video-0412\.mp4 +550 No\. No\. .*…$/,
    ],
    [{ state: 'done', note: 'It changed.' }, /^ ✓ .*done: It changed\.$/],
    [{ state: 'done', verified: { algorithm: 'SHA-256', hex: 'ab' } }, /^ ✓ .*SHA-256 equal$/],
    [{ state: 'done', verified: 'unavailable' }, /^ ! .*done; checksum not compared$/],
    [{ kind: 'directory', state: 'waiting', from: '/photos' }, / photos\/ /],
    [{ kind: 'directory', state: 'running' }, /^ ▶ .*listing …$/],
    [{ kind: 'directory', state: 'paused' }, /^ ‖ .*paused$/],
    [{ kind: 'directory', state: 'done', below: 'open' }, /^ ✓ .*all queued$/],
    [{ kind: 'directory', state: 'done', below: 'paused' }, /^ ‖ .*paused$/],
    [{ kind: 'directory', state: 'done', below: 'failed' }, /^ ! .*partly failed$/],
    [{ kind: 'directory', state: 'done' }, /^ ✓ .*done$/],
  ] as const)('%p', async (change, expected) => {
    expect(await row(change)).toMatch(expected);
  });
});

test('a job that was cut says what it has left, when it is tried again, and why it was cut', async () => {
  const error = { kind: 'network', message: `Could not upload ${job.to}: the connection was cut` };
  const waiting = { ...job, state: 'waiting', tries: 2, error } as Job;
  const drawn = draw(undefined, { columns: 80, rows: 1 });
  drawn.screen.write(waitingRow(theme, 80, { job: waiting, inSeconds: 4 }));
  expect((await drawn.lines())[0]).toMatch(
    /^ ↑ video-0412\.mp4 +try 3 in 4 s, 615 M sent: the connection was cut$/,
  );
});

test('rows have the width at any size and with any name', () => {
  for (const name of nastyNames) {
    const named = { ...job, from: `/${name}`, to: `/写真/${name}` };
    for (let width = 1; width <= 130; width += 3) {
      const common = { theme, width, job: named, bytesPerSecond: 1 };
      expect(widthOf(stripRow(common))).toBe(width);
      expect(widthOf(waitingRow(theme, width, { job: named, inSeconds: 4 }))).toBe(width);
      expect(widthOf(queueRow({ ...common, cursor: 'here' }))).toBe(width);
      expect(widthOf(queueRow({ ...common, cursor: 'elsewhere' }))).toBe(width);
    }
  }
});
