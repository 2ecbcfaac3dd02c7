import { Box, Text } from 'ink';
import { type ReactElement, useSyncExternalStore } from 'react';
import { Footer, type FooterItem, footerItems } from './components/footer.tsx';
import { Header } from './components/header.tsx';
import { heldText } from './components/job-words.ts';
import { Notice } from './components/notice.tsx';
import type { Theme } from './components/theme.ts';
import type { UiStore } from './context/ui-store.ts';
import type { Keymap } from './input/keymap.ts';
import { contextOf, dialogContext } from './input/press-key.ts';
import { DialogView } from './screens/dialog-view.tsx';
import { Files } from './screens/files.tsx';
import { isNoticeShown, type Layout, layoutOf, MIN_COLUMNS, MIN_ROWS } from './screens/layout.ts';
import { LogScreen } from './screens/log.tsx';
import { LoginScreen } from './screens/login.tsx';
import { QueueScreen } from './screens/queue.tsx';
import { ViewerScreen } from './screens/viewer.tsx';
import type { QueueView } from './state/queue-view.ts';
import type { Ui } from './state/ui.ts';

/** A frame with one row. */
const MIN_BODY_ROWS = 3;

interface AppProps {
  readonly store: UiStore;
  readonly keymap: Keymap;
  readonly theme: Theme;
  readonly now: () => number;
}

/** All of the screen, drawn from the store. */
export function App({ store, keymap, theme, now }: AppProps): ReactElement {
  const ui = useSyncExternalStore(store.subscribe, store.get);
  const layout = layoutOf(ui);
  const { columns } = ui.size;
  if (layout.isTooSmall) {
    return <Text>{`Window too small: at least ${MIN_COLUMNS}×${MIN_ROWS} needed.`}</Text>;
  }
  return (
    <Box flexDirection="column">
      <TopRow theme={theme} ui={ui} keymap={keymap} />
      <Body theme={theme} ui={ui} layout={layout} nowMs={now()} />
      {ui.dialog !== undefined && (
        <DialogView
          theme={theme}
          dialog={ui.dialog}
          width={columns}
          bodyRows={layout.dialogBodyRows}
        />
      )}
      <LastRows theme={theme} ui={ui} keymap={keymap} layout={layout} />
    </Box>
  );
}

interface RowProps {
  readonly theme: Theme;
  readonly ui: Ui;
  readonly keymap: Keymap;
}

function TopRow({ theme, ui, keymap }: RowProps): ReactElement {
  const { connection, size } = ui;
  const base = { theme, width: size.columns, quota: ui.quota };
  if (connection.state === 'none') {
    return (
      <Header
        {...base}
        title="MyFTP"
        account=""
        security="none"
        protocol=""
        trouble={undefined}
        quota={undefined}
        hint={joined(
          keymap.hint('everywhere', 'help', ' help'),
          keymap.hint('everywhere', 'quit', ' quit'),
        )}
      />
    );
  }
  const { site } = connection;
  const protocol = connection.state === 'online' ? connection.protocol : undefined;
  const secured = protocol === undefined ? 'clear' : 'tls';
  return (
    <Header
      {...base}
      title={site.name ?? 'MyFTP'}
      account={`${site.username}@${site.host}`}
      security={connection.state === 'online' ? secured : 'none'}
      protocol={protocol?.replace('TLSv', 'TLS ') ?? ''}
      trouble={connection.state === 'lost' ? 'offline' : undefined}
      hint={joined(ui.isInStep ? 'synchronized' : '', keymap.hint('files', 'toggle-log', ':log'))}
    />
  );
}

interface BodyProps {
  readonly theme: Theme;
  readonly ui: Ui;
  readonly layout: Layout;
  readonly nowMs: number;
}

function Body({ theme, ui, layout, nowMs }: BodyProps): ReactElement {
  const room = { theme, width: ui.size.columns, height: layout.bodyRows };
  // A frame without anything in it would take more rows than there are.
  if (layout.bodyRows < MIN_BODY_ROWS) return <Box height={layout.bodyRows} />;
  switch (ui.screen) {
    case 'login':
      return <LoginScreen {...room} login={ui.login} />;
    case 'files':
      return <Files theme={theme} ui={ui} layout={layout} nowMs={nowMs} />;
    case 'queue':
      return <QueueScreen {...room} queue={ui.queue} />;
    case 'viewer':
      return ui.viewer ? <ViewerScreen {...room} viewer={ui.viewer} home={ui.home} /> : <Box />;
    case 'log':
      return <LogScreen {...room} log={ui.log} />;
  }
}

/** The keys of the moment, and above them what is to be said; without room for both, the latter. */
function LastRows(props: RowProps & { readonly layout: Layout }): ReactElement {
  const { theme, ui, keymap, layout } = props;
  const isShown = isNoticeShown(ui);
  return (
    <Box flexDirection="column">
      {isShown && <NoticeRow theme={theme} ui={ui} keymap={keymap} />}
      {(!isShown || layout.hasNoticeRow) && (
        <Footer theme={theme} width={ui.size.columns} items={keysNow(ui, keymap)} />
      )}
    </Box>
  );
}

function NoticeRow({ theme, ui, keymap }: RowProps): ReactElement {
  const { notice, connection, size } = ui;
  if (notice === undefined && connection.state === 'lost') {
    const { text, hint } = lossText(connection, ui.queue, keymap);
    return <Notice theme={theme} width={size.columns} text={text} tone="bad" hint={hint} />;
  }
  const { text, tone, hint } = notice ?? { text: '', tone: 'calm', hint: '' };
  return <Notice theme={theme} width={size.columns} text={text} tone={tone} hint={hint} />;
}

function lossText(
  { retry, reason }: Extract<Ui['connection'], { state: 'lost' }>,
  { running, nextTry }: QueueView,
  keymap: Keymap,
): { readonly text: string; readonly hint: string } {
  const job = nextTry?.job ?? running[0];
  const waiting = job === undefined ? '' : ` ${heldText(job)}`;
  if (retry === undefined) {
    const hint = keymap.hint('files', 'reload', ' reconnects');
    return { text: `${reason}${waiting}`, hint };
  }
  const when = retry.inSeconds > 0 ? `in ${retry.inSeconds} s` : 'now';
  return {
    text: `Connection lost, reconnecting ${when} (${retry.attempt} of ${retry.of}).${waiting}`,
    hint: joined(
      keymap.hint('lost', 'retry-now', ' now'),
      keymap.hint('lost', 'retry-stop', ' stop'),
    ),
  };
}

/** Hints beside each other. */
function joined(...hints: readonly string[]): string {
  return hints.filter((hint) => hint !== '').join('  ');
}

function keysNow(ui: Ui, keymap: Keymap): readonly FooterItem[] {
  if (ui.dialog === undefined) {
    return footerItems(keymap, ui.isFiltering ? 'filter' : contextOf(ui));
  }
  return ui.dialog.type === 'choice' ? [] : footerItems(keymap, dialogContext(ui.dialog));
}
