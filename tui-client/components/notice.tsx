import { type ReactElement, useMemo } from 'react';
import { displayName } from '../text/format.ts';
import { Painted } from './painted.tsx';
import { paintSpread } from './spans.ts';
import type { Role, Theme } from './theme.ts';

export interface NoticeProps {
  readonly theme: Theme;
  readonly width: number;
  readonly text: string;
  readonly tone: 'calm' | 'good' | 'bad';
  /** What can be done, as `Esc`. */
  readonly hint: string;
}

const roles: Readonly<Record<NoticeProps['tone'], Role>> = {
  calm: 'plain',
  good: 'good',
  bad: 'bad',
};

/** One row that says what happened, and what can be done. */
export function Notice(props: NoticeProps): ReactElement {
  const rows = useMemo(() => [noticeRow(props)], [props]);
  return <Painted rows={rows} width={props.width} />;
}

export function noticeRow({ theme, width, text, tone, hint }: NoticeProps): string {
  const signs = { calm: '', good: `${theme.signs.done} `, bad: `${theme.signs.failed} ` };
  const said = `${signs[tone]}${displayName(text)}`;
  return paintSpread(
    theme,
    { left: [' ', [roles[tone], said]], right: hint === '' ? [] : ['  ', ['key', hint], ' '] },
    { width },
  );
}
