import { Box, Text } from 'ink';
import { type ReactElement, useEffect, useLayoutEffect, useState } from 'react';
import { useTerminal } from '../terminal/terminal-context.ts';

interface PaintedProps {
  /** Each exactly `width` columns wide. */
  readonly rows: readonly string[];
  readonly width: number;
}

/** Rows that are painted already: Ink only gives them their place, and does not look at their characters. */
export function Painted({ rows, width }: PaintedProps): ReactElement {
  const { screen } = useTerminal();
  const [slot] = useState(() => screen.claimSlot());
  useLayoutEffect(() => screen.fillSlot(slot, { width, rows }), [screen, slot, width, rows]);
  useEffect(() => () => screen.releaseSlot(slot), [screen, slot]);
  return (
    <Box width={width} height={rows.length} flexShrink={0}>
      <Text>{Array.from(rows, () => slot).join('\n')}</Text>
    </Box>
  );
}
