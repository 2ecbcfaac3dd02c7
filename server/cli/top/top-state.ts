import type { Activity, TopSession } from './top-samples.ts';

/** Samples that the sparklines show, at most. */
const HISTORY = 120;

const SORT_KEYS = ['rate', 'user', 'address', 'age', 'idle'] as const;
type SortKey = (typeof SORT_KEYS)[number];

/** What the keys do at the moment. */
type Prompt =
  | { readonly kind: 'none' }
  | { readonly kind: 'filter' }
  | { readonly kind: 'kick'; readonly id: string; readonly who: string };

export interface TopState {
  readonly sessions: readonly TopSession[];
  /** Bytes per second, oldest first. */
  readonly up: readonly number[];
  readonly down: readonly number[];
  readonly sort: SortKey;
  readonly filter: string;
  /** The session under the cursor; undefined for the first one. */
  readonly selectedId: string | undefined;
  readonly prompt: Prompt;
  /** A failure, or what the last key has done. */
  readonly notice: string | undefined;
}

/** What a key asks of the program. */
export type TopEffect = 'quit' | { readonly kick: string } | undefined;

export const INITIAL_STATE: TopState = {
  sessions: [],
  up: [],
  down: [],
  sort: 'rate',
  filter: '',
  selectedId: undefined,
  prompt: { kind: 'none' },
  notice: undefined,
};

/** The state after another sample. */
export function withActivity(state: TopState, activity: Activity): TopState {
  const { sessions, upBytesPerS, downBytesPerS } = activity;
  return {
    ...state,
    sessions,
    up: [...state.up, upBytesPerS].slice(-HISTORY),
    down: [...state.down, downBytesPerS].slice(-HISTORY),
  };
}

/** The sessions that the filter lets through, in their order. */
export function shownSessions({ sessions, filter, sort }: TopState): readonly TopSession[] {
  const wanted = filter.toLowerCase();
  const texts = (session: TopSession) => [
    session.id,
    session.username ?? '-',
    session.address,
    session.client ?? '',
    session.transfer?.path ?? '',
  ];
  return sessions
    .filter((session) => texts(session).some((text) => text.toLowerCase().includes(wanted)))
    .toSorted(ORDERS[sort]);
}

/** Position of the cursor among the sessions that are shown. */
export function selectedIndex(state: TopState): number {
  const index = shownSessions(state).findIndex(({ id }) => id === state.selectedId);
  return Math.max(index, 0);
}

type Order = (one: TopSession, other: TopSession) => number;

/** Equals keep the order of their beginnings, so that lines do not jump. */
const ORDERS: Readonly<Record<SortKey, Order>> = {
  rate: (one, other) => other.bytesPerS - one.bytesPerS,
  user: (one, other) => (one.username ?? '').localeCompare(other.username ?? ''),
  address: (one, other) => one.address.localeCompare(other.address, 'en', { numeric: true }),
  age: () => 0,
  idle: (one, other) => other.idleMs - one.idleMs,
};

/** The state after a key, and what it asks for. `key` is a character, or the name of a key. */
export function afterKey(state: TopState, key: string): readonly [TopState, TopEffect] {
  if (key === 'ctrl-c') return [state, 'quit'];
  const fresh = { ...state, notice: undefined };
  if (state.prompt.kind === 'filter') return [afterFilterKey(fresh, key), undefined];
  if (state.prompt.kind === 'kick') {
    const { id } = state.prompt;
    return [{ ...fresh, prompt: { kind: 'none' } }, key === 'y' ? { kick: id } : undefined];
  }
  if (key === 'q') return [state, 'quit'];
  return [afterBrowseKey(fresh, key), undefined];
}

function afterBrowseKey(state: TopState, key: string): TopState {
  const steps: Readonly<Record<string, number>> = {
    ...{ up: -1, k: -1, down: 1, j: 1, pageup: -10, pagedown: 10 },
    ...{ home: -Infinity, g: -Infinity, end: Infinity, G: Infinity },
  };
  const step = steps[key];
  if (step !== undefined) return moved(state, step);
  if (key === 's') return { ...state, sort: following(state.sort) };
  if (key === '/') return { ...state, prompt: { kind: 'filter' } };
  if (key === 'escape') return { ...state, filter: '' };
  if (key === 'x' || key === 'delete') return asksToKick(state);
  return state;
}

function afterFilterKey(state: TopState, key: string): TopState {
  if (key === 'enter') return { ...state, prompt: { kind: 'none' } };
  if (key === 'escape') return { ...state, filter: '', prompt: { kind: 'none' } };
  if (key === 'backspace') return { ...state, filter: [...state.filter].slice(0, -1).join('') };
  return [...key].length === 1 && key >= ' ' ? { ...state, filter: state.filter + key } : state;
}

function moved(state: TopState, step: number): TopState {
  const shown = shownSessions(state);
  const index = Math.min(Math.max(selectedIndex(state) + step, 0), shown.length - 1);
  return { ...state, selectedId: shown[index]?.id };
}

function following(sort: SortKey): SortKey {
  return SORT_KEYS[(SORT_KEYS.indexOf(sort) + 1) % SORT_KEYS.length] ?? 'rate';
}

/** The answer concerns the session that the question has named, also when the order has changed since. */
function asksToKick(state: TopState): TopState {
  const session = shownSessions(state)[selectedIndex(state)];
  if (session === undefined) return state;
  const { id, username, address } = session;
  const who = `${username ?? 'the session without a login'} from ${address}`;
  return { ...state, selectedId: id, prompt: { kind: 'kick', id, who } };
}
