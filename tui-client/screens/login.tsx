import { Box } from 'ink';
import { type ReactElement, useMemo } from 'react';
import { frameRows, insideFrame } from '../components/frame.ts';
import { listRows } from '../components/list-rows.ts';
import { Painted } from '../components/painted.tsx';
import { paintRow, type Span } from '../components/spans.ts';
import type { Theme } from '../components/theme.ts';
import type { Login } from '../state/login.ts';
import { foldedLines } from './folded-lines.ts';
import { focusedRow, formRows } from './form-body.ts';

interface LoginProps {
  readonly theme: Theme;
  readonly login: Login;
  readonly width: number;
  readonly height: number;
}

const MAX_SITES_COLUMNS = 36;
/** With less, the form's options and buttons would be cut. */
const MIN_FORM_COLUMNS = 48;
const COLUMNS_FOR_BOTH = 72;

/** Sites beside the form; on a narrow screen only what has the focus. */
export function LoginScreen(props: LoginProps): ReactElement {
  const { login, width } = props;
  const hasBoth = width >= COLUMNS_FOR_BOTH;
  const sitesWidth = hasBoth ? Math.min(MAX_SITES_COLUMNS, width - MIN_FORM_COLUMNS) : width;
  const formWidth = hasBoth ? width - sitesWidth : width;
  return (
    <Box>
      {(hasBoth || login.part === 'sites') && <Sites {...props} width={sitesWidth} />}
      {(hasBoth || login.part === 'form') && <ConnectForm {...props} width={formWidth} />}
    </Box>
  );
}

function Sites({ theme, login, width, height }: LoginProps): ReactElement {
  const rows = useMemo(() => {
    const isActive = login.part === 'sites';
    const body = listRows({
      theme,
      width: insideFrame(width),
      height: Math.max(0, height - 2),
      items: login.list.shown,
      top: login.list.top,
      cursor: isActive ? login.list.cursor : undefined,
      empty: 'No saved sites.',
    });
    const shape = {
      width,
      border: isActive ? ('borderActive' as const) : ('border' as const),
      title: 'Sites',
      titleRole: isActive ? ('title' as const) : ('plain' as const),
    };
    return frameRows(theme, shape, body);
  }, [theme, login, width, height]);
  return <Painted rows={rows} width={width} />;
}

function ConnectForm({ theme, login, width, height }: LoginProps): ReactElement {
  const rows = useMemo(() => {
    const isActive = login.part === 'form';
    const inside = insideFrame(width);
    const room = Math.max(0, height - 2);
    const formRoom = login.message === '' ? room : room - 1;
    const all = spaced(formRows(theme, login.form, { width: inside, isActive }), room, inside);
    const form = rowsInSight(all, focusedRow(login.form), formRoom);
    const message = messageRows(theme, login, { width: inside, room: room - form.length });
    const body = [...form, ...message];
    const blank = ' '.repeat(inside);
    const filler = Array.from({ length: Math.max(0, room - body.length) }, () => blank);
    const shape = {
      width,
      border: isActive ? ('borderActive' as const) : ('border' as const),
      title: 'Connect',
      titleRole: isActive ? ('title' as const) : ('plain' as const),
    };
    return frameRows(theme, shape, [...body, ...filler].slice(0, room));
  }, [theme, login, width, height]);
  return <Painted rows={rows} width={width} />;
}

/** On a low screen the rows around the focus. */
function rowsInSight(rows: readonly string[], focused: number, room: number): readonly string[] {
  if (rows.length <= room) return rows;
  const top = Math.max(0, focused - room + 1);
  return rows.slice(top, top + room);
}

/** Air above the buttons, where there is room. */
function spaced(rows: readonly string[], room: number, width: number): readonly string[] {
  if (rows.length + 4 > room) return rows;
  const blank = ' '.repeat(width);
  return [blank, ...rows.slice(0, -1), blank, ...rows.slice(-1), blank];
}

/** A failure may be long: the server's own words are in it, and all of them are shown. */
function messageRows(
  theme: Theme,
  { message, tone }: Login,
  { width, room }: { readonly width: number; readonly room: number },
): readonly string[] {
  const signs = { calm: '', bad: `${theme.signs.failed} ` };
  const role = tone === 'bad' ? 'bad' : 'plain';
  return foldedLines([`${signs[tone]}${message}`], width - 2)
    .slice(0, Math.max(1, room))
    .map((line): string => {
      const spans: readonly Span[] = [' ', [role, line]];
      return paintRow(theme, spans, { width });
    });
}
