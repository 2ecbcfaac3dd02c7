import { EventEmitter } from 'node:events';
import { emitKeypressEvents, type Interface } from 'node:readline';
import { StringDecoder } from 'node:string_decoder';

/** A key or a chord. */
export interface Key {
  /**
   * What was pressed: `a`, `A`, `é`, `+`, `space`, `enter`, `tab`, `escape`, `backspace`, `insert`, `delete`,
   * `home`, `end`, `pageup`, `pagedown`, `up`, `down`, `left`, `right`, `f1` to `f12`; before it `ctrl-`,
   * `alt-` and `shift-` in this order. A capital letter has no `shift-`.
   */
  readonly name: string;
  /** What it writes into a text field; empty if nothing. */
  readonly text: string;
}

export interface MouseAction {
  readonly kind: 'press' | 'release' | 'wheel-up' | 'wheel-down';
  /** From 0, as rows. */
  readonly column: number;
  readonly row: number;
}

interface KeysEvents {
  key: [Key];
  /** Text that was pasted, line ends as `\n`. */
  paste: [string];
  mouse: [MouseAction];
}

/** A key as Node reports it. */
interface Keypress {
  readonly sequence: string;
  readonly name: string | undefined;
  readonly ctrl: boolean;
  readonly meta: boolean;
  readonly shift: boolean;
  readonly code?: string;
}

interface KeysOptions {
  readonly now?: () => number;
}

/** Time after which a lone escape character is the Esc key. */
const ESCAPE_MS = 50;

/** A digit that follows the Esc key so soon makes a function key with it. */
const ESCAPE_DIGIT_MS = 700;

/** A mouse report is never longer. */
const MAX_MOUSE_OCTETS = 24;

const PASTE_END = '\x1b[201~';
const MOUSE_CODE = '[<';

/**
 * Decodes the keys in a terminal's input. Node knows the codes of the keys; this adds what it lacks for a full screen:
 * pasted text and mouse reports, which must not be taken for keys, one name per chord, and `Esc 5` for F5 where the
 * terminal keeps F5 for itself.
 */
export class Keys extends EventEmitter<KeysEvents> {
  readonly #decoder = new StringDecoder('utf8');
  /** Node's parser sits on this one, and takes it for a stream of keys. */
  readonly #source = new EventEmitter();
  readonly #now: () => number;
  #mode: 'keys' | 'paste' | 'mouse' = 'keys';
  #collected = '';
  #escapeAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: KeysOptions = {}) {
    super();
    this.setMaxListeners(0);
    this.#now = options.now ?? (() => performance.now());
    const timing = { escapeCodeTimeout: ESCAPE_MS };
    this.#source.on('keypress', (_text, keypress: Keypress) => this.#onKeypress(keypress));
    emitKeypressEvents(
      this.#source as unknown as NodeJS.ReadableStream,
      timing as unknown as Interface,
    );
  }

  /** Takes what the terminal sent. */
  push(octets: Buffer | string): void {
    const text = typeof octets === 'string' ? octets : this.#decoder.write(octets);
    let rest = text;
    while (rest !== '') {
      if (this.#mode === 'paste') rest = this.#collectPaste(rest);
      else rest = this.#takeCharacter(rest);
    }
  }

  /** One at a time, because each may begin a paste or a mouse report. */
  #takeCharacter(text: string): string {
    const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
    if (this.#mode === 'mouse') this.#collectMouse(character);
    else this.#source.emit('data', character);
    return text.slice(character.length);
  }

  #collectPaste(text: string): string {
    const searchFrom = Math.max(0, this.#collected.length - PASTE_END.length);
    this.#collected += text;
    const end = this.#collected.indexOf(PASTE_END, searchFrom);
    if (end === -1) return '';
    const pasted = this.#collected.slice(0, end);
    const rest = this.#collected.slice(end + PASTE_END.length);
    this.#enter('keys');
    this.emit('paste', pasted.replace(/\r\n?/g, '\n'));
    return rest;
  }

  #collectMouse(character: string): void {
    this.#collected += character;
    if (/[\d;]/.test(character) && this.#collected.length < MAX_MOUSE_OCTETS) return;
    const action = mouseAction(this.#collected);
    this.#enter('keys');
    if (action !== undefined) this.emit('mouse', action);
  }

  #enter(mode: 'keys' | 'paste' | 'mouse'): void {
    this.#mode = mode;
    this.#collected = '';
  }

  #onKeypress(keypress: Keypress): void {
    if (keypress.name === 'paste-start') {
      this.#enter('paste');
    } else if (keypress.code === MOUSE_CODE) {
      this.#enter('mouse');
    } else {
      const key = this.#withEscape(toKey(keypress));
      if (key !== undefined) this.emit('key', key);
    }
  }

  /** Makes a function key of Esc and a digit. */
  #withEscape(key: Key | undefined): Key | undefined {
    if (key === undefined) return undefined;
    const nowMs = this.#now();
    const isAfterEscape = nowMs - this.#escapeAtMs < ESCAPE_DIGIT_MS;
    this.#escapeAtMs = key.name === 'escape' ? nowMs : Number.NEGATIVE_INFINITY;
    const digit = (isAfterEscape ? /^(?:alt-)?(\d)$/ : /^alt-(\d)$/).exec(key.name)?.[1];
    if (digit === undefined) return key;
    return { name: digit === '0' ? 'f10' : `f${digit}`, text: '' };
  }
}

const controlNames = new Map([
  ['\0', 'space'],
  ['\x1c', '\\'],
  ['\x1d', ']'],
  ['\x1e', '^'],
  ['\x1f', '_'],
]);

const otherNames = new Map([['return', 'enter']]);

/** Undefined for what is no key that we know. */
function toKey({ sequence, name, ctrl, meta, shift, code }: Keypress): Key | undefined {
  if (name === 'undefined') return undefined;
  if (name === 'escape') return { name: 'escape', text: '' };
  const character = meta && code === undefined ? sequence.slice(1) : sequence;
  const control = controlNames.get(character);
  if (control !== undefined) return { name: chord({ ctrl: true, meta }, control), text: '' };
  const isPrintable = code === undefined && !ctrl && isOneCharacter(character);
  if (isPrintable) {
    const printed = character === ' ' ? 'space' : character;
    return { name: chord({ meta }, printed), text: meta ? '' : character };
  }
  if (name === undefined) return undefined;
  return { name: chord({ ctrl, meta, shift }, otherNames.get(name) ?? name), text: '' };
}

function chord(
  held: { readonly ctrl?: boolean; readonly meta?: boolean; readonly shift?: boolean },
  name: string,
): string {
  return `${held.ctrl ? 'ctrl-' : ''}${held.meta ? 'alt-' : ''}${held.shift ? 'shift-' : ''}${name}`;
}

function isOneCharacter(text: string): boolean {
  const [first, ...others] = text;
  if (first === undefined || others.length > 0) return false;
  return !/\p{Cc}/u.test(first);
}

/** Of a report in SGR form, from behind `ESC [ <`. */
function mouseAction(report: string): MouseAction | undefined {
  const match = /^(\d+);(\d+);(\d+)([Mm])$/.exec(report);
  if (match === null) return undefined;
  const button = Number(match[1]);
  const place = { column: Number(match[2]) - 1, row: Number(match[3]) - 1 };
  if (button === 64) return { kind: 'wheel-up', ...place };
  if (button === 65) return { kind: 'wheel-down', ...place };
  if (button !== 0) return undefined;
  return { kind: match[4] === 'M' ? 'press' : 'release', ...place };
}
