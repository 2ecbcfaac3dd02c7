import { type ReactElement, useMemo } from 'react';
import { displayName } from '../text/format.ts';
import { cutMiddle } from '../text/text-width.ts';
import { Painted } from './painted.tsx';
import { paintSpread, type Span, spansWidth } from './spans.ts';
import type { Role, Theme } from './theme.ts';

const MARGIN = ' ';

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
  const right: readonly Span[] = hint === '' ? [] : ['  ', ['key', hint], ' '];
  const room = width - MARGIN.length - spansWidth(right);
  // A long path would hide the reason at the end of the sentence.
  const said = cutMiddle(`${signs[tone]}${displayName(text)}`, room, theme.signs.cut);
  return paintSpread(theme, { left: [MARGIN, [roles[tone], said]], right }, { width });
}
