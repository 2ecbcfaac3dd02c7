import { firstColumns, widthOf } from '../text/text-width.ts';

/** The beginning of a file, as text or in hex. */
export interface Viewer {
  readonly path: string;
  readonly place: 'local' | 'remote';
  readonly octets: Uint8Array;
  /** The file is longer than what was read. */
  readonly isCut: boolean;
  readonly mode: 'text' | 'hex';
  readonly lines: readonly string[];
  readonly top: number;
  /** Columns that are out of sight at the left. */
  readonly left: number;
  readonly height: number;
  readonly width: number;
  /** Long lines go on in the next row. */
  readonly wraps: boolean;
  /** What was looked for last. */
  readonly sought: string;
}

export type ViewerEvent =
  | { readonly type: 'scrolled'; readonly by: number }
  | { readonly type: 'paged'; readonly by: number }
  | { readonly type: 'scrolledTo'; readonly top: number }
  | { readonly type: 'shifted'; readonly by: number }
  | { readonly type: 'modeToggled' }
  | { readonly type: 'wrapToggled' }
  /** The next line that has it comes to the top. */
  | { readonly type: 'sought'; readonly text: string }
  | { readonly type: 'resized'; readonly height: number; readonly width: number };

const HEX_COLUMNS = 16;
const TAB_COLUMNS = 8;
const LOOKED_AT = 8192;

export function newViewer(file: {
  readonly path: string;
  readonly place: 'local' | 'remote';
  readonly octets: Uint8Array;
  readonly isCut: boolean;
}): Viewer {
  return relaid({
    ...file,
    mode: looksBinary(file.octets) ? 'hex' : 'text',
    lines: [],
    top: 0,
    left: 0,
    height: 20,
    width: 80,
    wraps: false,
    sought: '',
  });
}

export function updateViewer(viewer: Viewer, event: ViewerEvent): Viewer {
  switch (event.type) {
    case 'scrolled':
      return scrolledTo(viewer, viewer.top + event.by);
    case 'paged':
      return scrolledTo(viewer, viewer.top + event.by * Math.max(1, viewer.height - 1));
    case 'scrolledTo':
      return scrolledTo(viewer, event.top);
    case 'shifted':
      return { ...viewer, left: Math.max(0, viewer.left + event.by) };
    case 'resized':
      return resized(viewer, event);
    case 'wrapToggled':
      return relaid({ ...viewer, wraps: !viewer.wraps, left: 0, top: 0 });
    case 'sought':
      return sought(viewer, event.text);
    case 'modeToggled':
      return relaid({ ...viewer, mode: viewer.mode === 'text' ? 'hex' : 'text', left: 0, top: 0 });
  }
}

function resized(
  viewer: Viewer,
  size: { readonly height: number; readonly width: number },
): Viewer {
  const height = Math.max(1, size.height);
  const width = Math.max(1, size.width);
  if (height === viewer.height && width === viewer.width) return viewer;
  const next = { ...viewer, height, width };
  const isSameText = width === viewer.width || !viewer.wraps;
  return scrolledTo(isSameText ? next : relaid(next), viewer.top);
}

/** From the line below the top on, and then from the beginning. */
function sought(viewer: Viewer, text: string): Viewer {
  const lower = text.toLowerCase();
  const has = (line: string) => line.toLowerCase().includes(lower);
  const after = viewer.lines.findIndex((line, index) => index > viewer.top && has(line));
  const at = after >= 0 ? after : viewer.lines.findIndex(has);
  const found = { ...viewer, sought: text };
  return text === '' || at < 0 ? found : scrolledTo(found, at);
}

function scrolledTo(viewer: Viewer, top: number): Viewer {
  const lowest = Math.max(0, viewer.lines.length - viewer.height);
  return { ...viewer, top: Math.max(0, Math.min(top, lowest)) };
}

/** NUL is in no text file. */
function looksBinary(octets: Uint8Array): boolean {
  return octets.subarray(0, LOOKED_AT).includes(0);
}

function relaid(viewer: Viewer): Viewer {
  const { octets, mode, wraps, width } = viewer;
  const lines = mode === 'text' ? textLines(octets) : hexLines(octets);
  return { ...viewer, lines: wraps ? lines.flatMap((line) => wrapped(line, width)) : lines };
}

function textLines(octets: Uint8Array): readonly string[] {
  const lines = new TextDecoder().decode(octets).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map(withoutTabs);
}

function withoutTabs(line: string): string {
  if (!line.includes('\t')) return line;
  let spaced = '';
  for (const part of line.split('\t')) {
    spaced += part;
    spaced += ' '.repeat(TAB_COLUMNS - (spaced.length % TAB_COLUMNS));
  }
  return spaced.trimEnd();
}

function wrapped(line: string, width: number): readonly string[] {
  const rows: string[] = [];
  let rest = line;
  while (widthOf(rest) > width) {
    const row = firstColumns(rest, width) || rest.charAt(0);
    rows.push(row);
    rest = rest.slice(row.length);
  }
  return [...rows, rest];
}

function hexLines(octets: Uint8Array): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < octets.length; at += HEX_COLUMNS) {
    const row = [...octets.subarray(at, at + HEX_COLUMNS)];
    const hex = row.map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((octet) =>
      octet >= 32 && octet < 127 ? String.fromCharCode(octet) : '.',
    );
    const offset = at.toString(16).padStart(8, '0');
    lines.push(`${offset}  ${hex.padEnd(HEX_COLUMNS * 3 - 1)}  ${text.join('')}`);
  }
  return lines;
}
