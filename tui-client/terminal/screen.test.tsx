import { afterEach, describe, expect, test } from '@jest/globals';
import { Box, Text } from 'ink';
import { Painted } from '../components/painted.tsx';
import { draw, endDrawnScreens } from '../testing/drawn-screen.tsx';
import { nastyNames } from '../testing/nasty-names.ts';
import { displayName } from '../text/format.ts';
import { padEnd } from '../text/text-width.ts';

afterEach(endDrawnScreens);

const CLEAR = '\x1b[2J';

function Lines({ lines }: { readonly lines: readonly string[] }) {
  return (
    <Box flexDirection="column">
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name
        <Text key={index}>{line}</Text>
      ))}
    </Box>
  );
}

describe('what is written', () => {
  test('a frame appears as it is, after the screen was cleared once', async () => {
    const drawn = draw(<Lines lines={['one', 'two']} />, { columns: 20, rows: 4 });
    expect(await drawn.lines()).toEqual(['one', 'two', '', '']);
    expect(drawn.output.written.split(CLEAR)).toHaveLength(2);
  });

  test('a changed row costs one row and no clearing', async () => {
    const drawn = draw(<Lines lines={['one', 'two', 'three']} />, { columns: 20, rows: 4 });
    await drawn.lines();
    drawn.output.written = '';
    drawn.rerender(<Lines lines={['one', 'TWO', 'three']} />);
    expect(await drawn.lines()).toEqual(['one', 'TWO', 'three', '']);
    expect(drawn.output.written).toBe(
      '\x1b[?2026h\x1b[?7l\x1b[2;1H\x1b[0m\x1b[2KTWO\x1b[0m\x1b[?7h\x1b[?2026l',
    );
  });

  test('the same frame again costs nothing', async () => {
    const drawn = draw(<Lines lines={['one']} />, { columns: 20, rows: 4 });
    await drawn.lines();
    drawn.output.written = '';
    drawn.rerender(<Lines lines={['one']} />);
    await drawn.lines();
    expect(drawn.output.written).toBe('');
  });

  test('frames of one turn of the event loop are one write', async () => {
    const drawn = draw(<Lines lines={['one']} />, { columns: 20, rows: 4 });
    await drawn.lines();
    drawn.output.written = '';
    for (const text of ['two', 'three', 'four']) drawn.rerender(<Lines lines={[text]} />);
    expect(await drawn.lines()).toEqual(['four', '', '', '']);
    expect(drawn.output.written).not.toContain('two');
  });

  test('a frame of fewer rows blanks those below', async () => {
    const drawn = draw(<Lines lines={['one', 'two']} />, { columns: 20, rows: 4 });
    await drawn.lines();
    drawn.rerender(<Lines lines={['one']} />);
    expect(await drawn.lines()).toEqual(['one', '', '', '']);
  });

  test('a row longer than the screen does not wrap', async () => {
    const drawn = draw(<Lines lines={['x']} />, { columns: 10, rows: 3 });
    drawn.screen.write(`${'0123456789'.repeat(2)}9\nsecond`);
    expect(await drawn.lines()).toEqual(['0123456789', 'second', '']);
  });
});

describe('a terminal that takes nothing', () => {
  test('gets the latest frame when it goes on, and none of those between', async () => {
    const drawn = draw(<Lines lines={['one']} />, { columns: 20, rows: 3 });
    await drawn.lines();
    drawn.output.stalls = true;
    drawn.rerender(<Lines lines={['two']} />);
    await drawn.output.settled();
    drawn.output.written = '';
    for (let count = 0; count < 100; count++) {
      drawn.rerender(<Lines lines={[`number ${count}`]} />);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(drawn.output.written).toBe('');
    drawn.output.stalls = false;
    for (const taken of drawn.output.untaken.splice(0)) taken();
    expect(await drawn.lines()).toEqual(['number 99', '', '']);
    expect(drawn.output.written).not.toContain('number 98');
  });
});

describe('a terminal that belongs to somebody else', () => {
  test('is not written to, and gets everything anew afterwards', async () => {
    const drawn = draw(<Lines lines={['one', 'same']} />, { columns: 20, rows: 3 });
    await drawn.lines();
    drawn.screen.close();
    drawn.output.written = '';
    drawn.rerender(<Lines lines={['two', 'same']} />);
    await drawn.output.settled();
    expect(drawn.output.written).toBe('');
    drawn.screen.open();
    expect(await drawn.lines()).toEqual(['two', 'same', '']);
    expect(drawn.output.written).toContain('same');
  });

  test('that was resized gets everything anew', async () => {
    const drawn = draw(<Lines lines={['one', 'two']} />, { columns: 20, rows: 3 });
    await drawn.lines();
    drawn.output.written = '';
    drawn.output.resize({ columns: 12, rows: 2 });
    expect(await drawn.lines()).toEqual(['one', 'two']);
    expect(drawn.output.written).toContain(CLEAR);
  });
});

describe('slots', () => {
  test('painted rows stand in their place, side by side, with text around', async () => {
    const left = ['\x1b[0;1ma1\x1b[0m ', 'a2 '];
    const drawn = draw(
      <Box>
        <Text>|</Text>
        <Painted width={3} rows={left} />
        <Text>|</Text>
        <Painted width={4} rows={['b1  ', '日本']} />
        <Text>|</Text>
      </Box>,
      { columns: 20, rows: 3 },
    );
    expect(await drawn.lines()).toEqual(['|a1 |b1  |', ' a2  日本', '']);
  });

  test('rows that change are drawn although the frame is the same', async () => {
    const drawn = draw(<Painted width={5} rows={['first']} />, { columns: 20, rows: 1 });
    await drawn.lines();
    drawn.rerender(<Painted width={5} rows={['other']} />);
    expect(await drawn.lines()).toEqual(['other']);
  });
});

test('borders stand in one column behind any name', async () => {
  const rows = nastyNames.map(displayName);
  const drawn = draw(
    <Box flexDirection="column">
      {rows.map((name) => (
        <Box key={name}>
          <Painted width={30} rows={[padEnd(name, 30)]} />
          <Text>│</Text>
        </Box>
      ))}
    </Box>,
    { columns: 40, rows: rows.length },
  );
  await drawn.lines();
  const columns = rows.map((_, row) => drawn.output.columnsOf(row, '│'));
  expect(columns).toEqual(rows.map(() => [30]));
});
