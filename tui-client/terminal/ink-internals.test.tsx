import { createRequire } from 'node:module';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Box, Text } from 'ink';
import { type ReactNode, useEffect, useLayoutEffect, useState } from 'react';
import { type DrawnTree, drawFrames, INK_VERSION } from './ink-internals.ts';

const require = createRequire(import.meta.url);

/** Remembers frames as they arrive. */
class Frames {
  columns = 20;
  rows = 4;
  readonly all: string[] = [];
  #onFrame: () => void = () => {};

  write(frame: string): void {
    this.all.push(frame);
    this.#onFrame();
  }

  async until(frame: string): Promise<void> {
    while (this.all.at(-1) !== frame) {
      await new Promise<void>((resolve) => {
        this.#onFrame = resolve;
      });
    }
  }
}

let tree: DrawnTree | undefined;

afterEach(() => {
  tree?.unmount();
  tree = undefined;
});

function draw(node: ReactNode): Frames {
  const frames = new Frames();
  tree = drawFrames(node, frames);
  return frames;
}

describe('Ink', () => {
  test('is the version that MyFTP was written for, and pinned to it', () => {
    const { version } = require('../../node_modules/ink/package.json') as { version: string };
    const own = require('../../package.json') as { devDependencies: Record<string, string> };
    expect([version, own.devDependencies.ink]).toEqual([INK_VERSION, INK_VERSION]);
  });

  test('draws a whole frame before the call returns', () => {
    const frames = draw(<Text>one</Text>);
    expect(frames.all).toEqual(['one']);
  });

  test('draws each change at once, whole and without cursor movements', () => {
    const frames = draw(<TwoRows first="one" />);
    for (let count = 0; count < 100; count += 1) tree?.rerender(<TwoRows first={`${count}`} />);
    const numbers = Array.from({ length: 100 }, (_, count) => `${count}\nsecond`);
    expect(frames.all).toEqual(['one\nsecond', ...numbers]);
  });

  test('draws what effects and later events change', async () => {
    const setter: Setter = { set: () => {} };
    const frames = draw(<Changing setter={setter} />);
    await frames.until('by layout effect');
    setter.set('by an event');
    await frames.until('by an event');
  });

  test('takes the width of the target for each layout', () => {
    const frames = draw(<TwoEnds end="r" />);
    expect(frames.all.at(-1)).toBe(`l${' '.repeat(18)}r`);
    frames.columns = 10;
    tree?.rerender(<TwoEnds end="R" />);
    expect(frames.all.at(-1)).toBe(`l${' '.repeat(8)}R`);
  });

  test('gives private characters one column and keeps blanks at the end of a row', () => {
    const frames = draw(
      <Box>
        <Box width={4} height={2}>
          <Text>{'\ue000\n\ue000'}</Text>
        </Box>
        <Text>{'|\n|'}</Text>
      </Box>,
    );
    expect(frames.all).toEqual(['\ue000   |\n\ue000   |']);
  });

  test('keeps a frame that is taller than the terminal whole', () => {
    const rows = Array.from({ length: 9 }, (_, row) => `${row}`).join('\n');
    expect(draw(<Text>{rows}</Text>).all).toEqual([rows]);
  });

  test('draws nothing but frames: nothing follows the last one', async () => {
    const frames = draw(<Text>last</Text>);
    tree?.unmount();
    await tree?.ended;
    expect(frames.all).toEqual(['last']);
  });

  test('tells of a component that throws', async () => {
    draw(<Text>well</Text>);
    const told = expect(tree?.ended).rejects.toThrow('thrown by a component');
    tree?.rerender(<Fault />);
    await told;
  });
});

function TwoRows({ first }: { readonly first: string }): ReactNode {
  return (
    <Box flexDirection="column">
      <Text>{first}</Text>
      <Text>second</Text>
    </Box>
  );
}

function TwoEnds({ end }: { readonly end: string }): ReactNode {
  return (
    <Box justifyContent="space-between">
      <Text>l</Text>
      <Text>{end}</Text>
    </Box>
  );
}

/** Where a component leaves what changes it. */
interface Setter {
  set: (text: string) => void;
}

function Changing({ setter }: { readonly setter: Setter }): ReactNode {
  const [text, setText] = useState('first');
  useLayoutEffect(() => setText('by layout effect'), []);
  useEffect(() => {
    setter.set = setText;
  }, [setter]);
  return <Text>{text}</Text>;
}

function Fault(): ReactNode {
  throw new Error('thrown by a component');
}
