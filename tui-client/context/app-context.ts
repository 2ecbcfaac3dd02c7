import { Dialogs } from '../dialogs/dialogs.ts';
import type { Place } from '../files/place.ts';
import { DoublePress } from '../input/double-press.ts';
import type { Keymap } from '../input/keymap.ts';
import { ConversationLog } from '../remote/connection/conversation-log.ts';
import type { Term } from '../terminal/term.ts';
import type { Connection } from './connection.ts';
import { Places } from './places.ts';
import type { ScreenServices } from './screen-services.ts';
import { showLogLines } from './show-log-lines.ts';
import { Tasks } from './tasks.ts';
import type { UiStore } from './ui-store.ts';

/** The parts of the running screen. */
export interface AppContext {
  /** State of the screen, and notices. */
  readonly ui: UiStore;
  readonly keymap: Keymap;
  readonly dialogs: Dialogs;
  readonly tasks: Tasks;
  readonly connection: Connection;
  /** The files on both sides. */
  readonly places: Places;
  readonly terminal: Pick<Term, 'lend' | 'suspend' | 'setMouse' | 'mouse' | 'screen'>;
  /** Data that outlives the program. */
  readonly services: ScreenServices;
  /** Of Ctrl-C. */
  readonly interrupts: DoublePress;
  /** Ends the program. */
  readonly quit: (exitCode: number) => void;
}

/** The parts of the running screen that a function uses, as `Using<'ui' | 'dialogs'>`. */
export type Using<Part extends keyof AppContext> = Pick<AppContext, Part>;

interface AppOptions extends Using<'ui' | 'keymap' | 'terminal' | 'services' | 'quit'> {
  readonly local: Place;
}

export function newAppContext({ local, ...given }: AppOptions): AppContext {
  const { ui } = given;
  const connection: Connection = {
    active: undefined,
    conversation: new ConversationLog(showLogLines(ui)),
  };
  return {
    ...given,
    dialogs: new Dialogs(ui),
    tasks: new Tasks(ui),
    connection,
    places: new Places(local, connection),
    interrupts: new DoublePress(),
  };
}
