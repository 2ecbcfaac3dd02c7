/** The least program that has a full screen: shows what was pressed, and ends in every way on wish. */
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { Box, Text } from 'ink';
import { useState } from 'react';
import { drawFrames } from '../../tui-client/terminal/ink-internals.ts';
import type { Key } from '../../tui-client/terminal/keys.ts';
import { Term } from '../../tui-client/terminal/term.ts';
import {
  TerminalContext,
  useKeys,
  useScreenSize,
} from '../../tui-client/terminal/terminal-context.ts';

const term = new Term();
const { screen, keys } = term;

const actions: Readonly<Record<string, () => void>> = {
  q: quit,
  e: () => {
    throw new Error('thrown on wish');
  },
  r: () => {
    void Promise.reject(new Error('rejected on wish'));
  },
  x: () => process.exit(3),
  m: () => term.setMouse(term.mouse === 'on' ? 'off' : 'on'),
  l: () => {
    const shell = 'echo in another program; read -r line; echo it read $line; read -r line';
    void term.lend(async () => spawnSync('sh', ['-c', shell], { stdio: 'inherit' }));
  },
  f: flood,
};

function App() {
  const { columns, rows } = useScreenSize();
  const [pressed, setPressed] = useState<readonly string[]>([]);
  const [pasted, setPasted] = useState('');
  const [isFaulty, setFaulty] = useState(false);
  const [canSuspend, setCanSuspend] = useState('not tried');
  useKeys({
    onKey: (key: Key) => {
      if (key.name === 'c') setFaulty(true);
      setPressed((before) => [...before, key.name].slice(-8));
      if (key.name === 'ctrl-z') setCanSuspend(term.suspend() ? 'yes' : 'no');
    },
    onPaste: setPasted,
  });
  if (isFaulty) throw new Error('thrown by a component');
  return (
    <Box flexDirection="column">
      <Text>{`tiny program, ${columns}x${rows}`}</Text>
      <Text>{`keys: ${pressed.join(' ')}`}</Text>
      <Text>{`pasted: ${JSON.stringify(pasted)}`}</Text>
      <Text>{`can be suspended: ${canSuspend}`}</Text>
    </Box>
  );
}

const app = drawFrames(
  <TerminalContext.Provider value={{ screen, keys }}>
    <App />
  </TerminalContext.Provider>,
  screen,
);
void app.ended;
keys.on('key', ({ name }) => actions[name]?.());
term.open();

function quit(): void {
  app.unmount();
  term.close();
  process.exit(0);
}

/** Draws without end; writes to a file each time that the event loop has come round often. */
function flood(): void {
  let count = 0;
  setInterval(() => {
    count += 1;
    const row = `${count} `.repeat(40);
    screen.write(Array.from({ length: screen.rows }, () => row).join('\n'));
    if (count % 50 === 0) appendFileSync(process.env.PULSE_FILE ?? '/dev/null', `${count}\n`);
  }, 2);
}
