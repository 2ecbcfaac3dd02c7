import { createContext, useContext, useEffect, useState } from 'react';
import type { Key, Keys, MouseAction } from './keys.ts';
import type { Screen } from './screen.ts';

/** What the parts of the screen share. */
export interface TerminalAccess {
  readonly screen: Screen;
  readonly keys: Keys;
}

export const TerminalContext = createContext<TerminalAccess | undefined>(undefined);

/** @throws Error outside of `TerminalContext`. */
export function useTerminal(): TerminalAccess {
  const access = useContext(TerminalContext);
  if (access === undefined) throw new Error('There is no terminal around this component.');
  return access;
}

interface KeyListeners {
  readonly onKey?: (key: Key) => void;
  readonly onPaste?: (text: string) => void;
  readonly onMouse?: (action: MouseAction) => void;
}

/** Listens to the keyboard while the component is mounted. The caller decides which component has the focus. */
export function useKeys({ onKey, onPaste, onMouse }: KeyListeners): void {
  const { keys } = useTerminal();
  useEffect(() => {
    if (onKey !== undefined) keys.on('key', onKey);
    if (onPaste !== undefined) keys.on('paste', onPaste);
    if (onMouse !== undefined) keys.on('mouse', onMouse);
    return () => {
      if (onKey !== undefined) keys.off('key', onKey);
      if (onPaste !== undefined) keys.off('paste', onPaste);
      if (onMouse !== undefined) keys.off('mouse', onMouse);
    };
  }, [keys, onKey, onPaste, onMouse]);
}

interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** The size of the terminal; a change draws the component again. */
export function useScreenSize(): ScreenSize {
  const { screen } = useTerminal();
  const [size, setSize] = useState<ScreenSize>({ columns: screen.columns, rows: screen.rows });
  useEffect(() => {
    const update = () => setSize({ columns: screen.columns, rows: screen.rows });
    update();
    screen.on('resize', update);
    return () => {
      screen.off('resize', update);
    };
  }, [screen]);
  return size;
}
