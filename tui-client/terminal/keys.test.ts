import { once } from 'node:events';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Key, Keys, type MouseAction } from './keys.ts';

let keys: Keys;
let nowMs: number;
let pressed: Key[];
let pasted: string[];
let mouse: MouseAction[];

beforeEach(() => {
  nowMs = 0;
  keys = new Keys({ now: () => nowMs });
  [pressed, pasted, mouse] = [[], [], []];
  keys.on('key', (key) => pressed.push(key));
  keys.on('paste', (text) => pasted.push(text));
  keys.on('mouse', (action) => mouse.push(action));
});

const names = () => pressed.map(({ name }) => name);

/** Esc is told after a time of real silence. */
async function pressEscape(): Promise<void> {
  const told = once(keys, 'key');
  keys.push('\x1b');
  expect(names()).not.toContain('escape');
  await told;
}

describe('a key', () => {
  test.each([
    ['a', 'a'],
    ['A', 'A'],
    ['é', 'é'],
    ['日', '日'],
    ['📷', '📷'],
    ['+', '+'],
    [' ', 'space'],
    ['\r', 'enter'],
    ['\t', 'tab'],
    ['\x1b[Z', 'shift-tab'],
    ['\x7f', 'backspace'],
    ['\b', 'backspace'],
    ['\x03', 'ctrl-c'],
    ['\x1a', 'ctrl-z'],
    ['\0', 'ctrl-space'],
    ['\x1c', 'ctrl-\\'],
    ['\x1ba', 'alt-a'],
    ['\x1b?', 'alt-?'],
    ['\x1b.', 'alt-.'],
    ['\x1b\x7f', 'alt-backspace'],
    ['\x1bOP', 'f1'],
    ['\x1b[[A', 'f1'],
    ['\x1b[11~', 'f1'],
    ['\x1b[15~', 'f5'],
    ['\x1b[15;2~', 'shift-f5'],
    ['\x1b[1;5R', 'ctrl-f3'],
    ['\x1b[21~', 'f10'],
    ['\x1b[24~', 'f12'],
    ['\x1b[2~', 'insert'],
    ['\x1b[3~', 'delete'],
    ['\x1b[H', 'home'],
    ['\x1b[4~', 'end'],
    ['\x1b[5~', 'pageup'],
    ['\x1b[6~', 'pagedown'],
    ['\x1b[A', 'up'],
    ['\x1bOB', 'down'],
    ['\x1b[1;5A', 'ctrl-up'],
    ['\x1b[1;3D', 'alt-left'],
  ])('sent as %j is %s', (sent, name) => {
    keys.push(Buffer.from(sent));
    expect(names()).toEqual([name]);
  });

  test('has a text if it writes one', () => {
    keys.push('aA \r\x1ba\x01\x1b[15~日');
    expect(pressed.map(({ text }) => text)).toEqual(['a', 'A', ' ', '', '', '', '', '日']);
  });

  test('that is held comes one by one', () => {
    keys.push('jjj\x1b[B\x1b[B');
    expect(names()).toEqual(['j', 'j', 'j', 'down', 'down']);
  });

  test('may arrive in pieces', () => {
    for (const octet of Buffer.from('é\x1b[1;5A日')) keys.push(Buffer.of(octet));
    expect(names()).toEqual(['é', 'ctrl-up', '日']);
  });
});

describe('Esc', () => {
  test('is told when nothing follows', async () => {
    await pressEscape();
    expect(names()).toEqual(['escape']);
  });

  test('twice at once is Esc', async () => {
    const told = once(keys, 'key');
    keys.push('\x1b\x1b');
    await told;
    expect(names()).toEqual(['escape']);
  });

  test.each([
    ['1', 'f1'],
    ['5', 'f5'],
    ['9', 'f9'],
    ['0', 'f10'],
  ])('and %s at once is %s, and so it is one after the other', async (digit, name) => {
    keys.push(`\x1b${digit}`);
    expect(names()).toEqual([name]);
    pressed = [];
    await pressEscape();
    nowMs += 300;
    keys.push(digit);
    expect(names()).toEqual(['escape', name]);
  });

  test('long before a digit is not meant with it', async () => {
    await pressEscape();
    nowMs += 2000;
    keys.push('5');
    expect(names()).toEqual(['escape', '5']);
  });
});

describe('a paste', () => {
  test('is one text, whatever is in it', () => {
    keys.push('x\x1b[200~one\r\ntwo\rthree \x1b[15~ q\x1b[201~y');
    expect(pasted).toEqual(['one\ntwo\nthree \x1b[15~ q']);
    expect(names()).toEqual(['x', 'y']);
  });

  test('may arrive in pieces', () => {
    for (const octet of Buffer.from('\x1b[200~日本\x1b[201~z')) keys.push(Buffer.of(octet));
    expect(pasted).toEqual(['日本']);
    expect(names()).toEqual(['z']);
  });

  test('of a megabyte takes no noticeable time', () => {
    const text = 'lorem ipsum '.repeat(90_000);
    for (let at = 0; at < text.length; at += 4096) {
      if (at === 0) keys.push('\x1b[200~');
      keys.push(text.slice(at, at + 4096));
    }
    keys.push('\x1b[201~');
    expect(pasted[0]).toHaveLength(text.length);
  });
});

describe('the mouse', () => {
  test('presses, releases and turns its wheel', () => {
    keys.push('\x1b[<0;5;6M\x1b[<0;5;6m\x1b[<64;1;1M\x1b[<65;200;60Mq');
    expect(mouse).toEqual([
      { kind: 'press', column: 4, row: 5 },
      { kind: 'release', column: 4, row: 5 },
      { kind: 'wheel-up', column: 0, row: 0 },
      { kind: 'wheel-down', column: 199, row: 59 },
    ]);
    expect(names()).toEqual(['q']);
  });

  test('reports that are none are dropped', () => {
    keys.push('\x1b[<0;5x\x1b[<1;1;1M\x1b[<99999999999999999999999999999999z');
    expect(mouse).toEqual([]);
    expect(names()).not.toContain('escape');
  });
});

test('no garbage makes it fail or end', () => {
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 0x7f_ff_ff_ff;
    return seed;
  };
  const parts = [
    '\x1b',
    '[',
    'O',
    '<',
    '~',
    ';',
    '1',
    '200',
    '201',
    'R',
    '\xff',
    '\x9b',
    '日',
    '$',
  ];
  for (let round = 0; round < 20_000; round++) {
    keys.push(parts[random() % parts.length] ?? '');
    if (round % 7 === 0) keys.push(Buffer.of(random() % 256));
  }
  keys.push('\x1b[201~');
  pressed = [];
  keys.push('zz\x1b[15~');
  expect(names().at(-1)).toBe('f5');
});
