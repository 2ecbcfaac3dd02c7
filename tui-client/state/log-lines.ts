const MAX_LINES = 2000;

/** What was said between client and server, the last lines of it. Secrets never get here. */
export interface LogLines {
  readonly lines: readonly string[];
  /** Lines between the last one and the bottom of the screen: 0 follows what is added. */
  readonly back: number;
  readonly height: number;
}

export type LogEvent =
  | { readonly type: 'added'; readonly lines: readonly string[] }
  | { readonly type: 'scrolled'; readonly by: number }
  | { readonly type: 'paged'; readonly by: number }
  | { readonly type: 'toFirst' }
  | { readonly type: 'toLast' }
  | { readonly type: 'resized'; readonly height: number };

export function newLog(): LogLines {
  return { lines: [], back: 0, height: 20 };
}

export function updateLog(log: LogLines, event: LogEvent): LogLines {
  switch (event.type) {
    case 'added': {
      const lines = [...log.lines, ...event.lines].slice(-MAX_LINES);
      return scrolled({ ...log, lines }, log.back === 0 ? 0 : log.back + event.lines.length);
    }
    case 'scrolled':
      return scrolled(log, log.back - event.by);
    case 'paged':
      return scrolled(log, log.back - event.by * Math.max(1, log.height - 1));
    case 'toFirst':
      return scrolled(log, log.lines.length);
    case 'toLast':
      return scrolled(log, 0);
    case 'resized':
      return scrolled({ ...log, height: Math.max(1, event.height) }, log.back);
  }
}

export function shownLines(log: LogLines): readonly string[] {
  const end = log.lines.length - log.back;
  return log.lines.slice(Math.max(0, end - log.height), end);
}

function scrolled(log: LogLines, back: number): LogLines {
  const most = Math.max(0, log.lines.length - log.height);
  return { ...log, back: Math.max(0, Math.min(back, most)) };
}
