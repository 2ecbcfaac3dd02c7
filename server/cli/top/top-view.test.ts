import { expect, test } from '@jest/globals';
import { fitted, widthOf } from './cell-width.ts';
import { sparkline } from './sparkline.ts';
import { activityBetween, type Sample, type TopSession } from './top-samples.ts';
import { afterKey, INITIAL_STATE, shownSessions, type TopState } from './top-state.ts';
import { screenLines } from './top-view.ts';

function session(id: string, given: Partial<TopSession> = {}): TopSession {
  return {
    id,
    ...{ username: 'anna', address: '192.0.2.1', client: null, isEncrypted: true },
    ...{ since: '2026-01-31T12:00:00.000Z', idleMs: 3000, transfer: null, bytesPerS: 0, ...given },
  };
}

function retr(path: string, movedBytes: number, totalBytes: number | null = null) {
  return { verb: 'RETR', path, movedBytes, totalBytes, durationMs: 4000 };
}

function stateOf(...sessions: readonly TopSession[]): TopState {
  return { ...INITIAL_STATE, sessions };
}

function press(state: TopState, ...keys: readonly string[]): TopState {
  return keys.reduce((before, key) => afterKey(before, key)[0], state);
}

function idsOf(state: TopState): string {
  return shownSessions(state)
    .map(({ id }) => id)
    .join('');
}

test('rates are those between two samples, and averages of transfers that are new', () => {
  const sample = (atMs: number, ...moved: readonly [string, number][]): Sample => ({
    atMs,
    sessions: moved.map(([id, bytes]) => session(id, { transfer: retr(`/${id}`, bytes) })),
    totals: { upBytes: atMs * 2, downBytes: atMs },
  });
  const before = sample(1000, ['a', 1000]);
  const { sessions, upBytesPerS, downBytesPerS } = activityBetween(
    before,
    sample(3000, ['a', 5000], ['b', 8000]),
  );
  expect(sessions.map(({ bytesPerS }) => bytesPerS)).toEqual([2000, 2000]);
  expect([upBytesPerS, downBytesPerS]).toEqual([2000, 1000]);
  expect(activityBetween(undefined, before)).toMatchObject({ upBytesPerS: 0 });
});

test.each([[[80, 24]], [[130, 10]], [[40, 6]], [[20, 3]], [[1, 1]]])(
  'each line fits a screen of %j',
  ([columns = 0, rows = 0]) => {
    const state = stateOf(
      session('a', { transfer: retr('/写真/summer of 2026 and more of a long name.zip', 5, 10) }),
      ...Array.from({ length: 40 }, (_, at) => session(`s${at}`, { username: null })),
    );
    const lines = screenLines({ ...state, up: [1, 2, 3], down: [3, 2, 1] }, { columns, rows });
    expect(lines).toHaveLength(rows);
    for (const line of lines) expect(widthOf(line)).toBe(columns);
  },
);

test('a transfer has its progress, if its size is known, and names are printable', () => {
  const state = stateOf(
    session('a', { transfer: retr('/a\u001b[2J', 3, 4), bytesPerS: 2048 }),
    session('b', { transfer: retr('/b', 3 * 1024) }),
  );
  const [, , , , first, second] = screenLines(state, { columns: 100, rows: 10 });
  expect(first).toMatch(
    /^anna +192\.0\.2\.1 +yes +RETR \/a\\u001b\[2J +████████░░ {2}75% +2 KiB\/s$/,
  );
  expect(second).toMatch(/RETR \/b +3 KiB +0 bytes\/s$/);
});

test('the order can be changed, and equals keep theirs', () => {
  const state = stateOf(
    session('a', { username: 'zoe', address: '192.0.2.10' }),
    session('b', { bytesPerS: 5, address: '192.0.2.9' }),
    session('c', { username: null, idleMs: 9000 }),
  );
  const orders = ['s', 's', 's', 's', 's'].map((_, at, all) =>
    idsOf(press(state, ...all.slice(0, at))),
  );
  expect(orders).toEqual(['bac', 'cba', 'cba', 'abc', 'cab']);
});

test('a filter is typed, kept and cleared', () => {
  const state = stateOf(session('a', { transfer: retr('/Film.mkv', 1) }), session('b'));
  const filtered = press(state, '/', 'f', 'i', 'x', 'backspace', 'q', 'backspace', 'enter');
  expect([filtered.filter, idsOf(filtered)]).toEqual(['fi', 'a']);
  expect(idsOf(press(filtered, 'escape'))).toBe('ab');
  expect(screenLines(press(state, '/', '?'), { columns: 80, rows: 8 })[4]).toContain('No session');
});

test('the question names the session that is ended, also when the order changes meanwhile', () => {
  const asked = press(stateOf(session('a'), session('b')), 'down', 'x');
  const changed = { ...asked, sessions: [session('c', { bytesPerS: 9 }), ...asked.sessions] };
  expect(afterKey(changed, 'y')[1]).toEqual({ kick: 'b' });
  expect(afterKey(changed, 'n')[1]).toBeUndefined();
  expect(afterKey(press(INITIAL_STATE, 'x', 'down'), 'y')[1]).toBeUndefined();
});

test('a sparkline shows the latest values, and the highest fills its cell', () => {
  expect(sparkline([9, 0, 1, 4, 8], 4)).toBe(' ▂▅█');
  expect(sparkline([8], 4)).toBe('   █');
  expect(sparkline([1, 2], 0)).toBe('');
});

test('a text is cut at a whole character', () => {
  expect([fitted('写真写真', 6), fitted('e\u0301', 2), fitted('abc', 2)]).toEqual([
    '写真… ',
    'e\u0301 ',
    'a…',
  ]);
});
