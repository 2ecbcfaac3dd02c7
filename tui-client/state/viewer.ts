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
  readonly height: number;
}

export type ViewerEvent =
  | { readonly type: 'scrolled'; readonly by: number }
  | { readonly type: 'paged'; readonly by: number }
  | { readonly type: 'scrolledTo'; readonly top: number }
  | { readonly type: 'modeToggled' }
  | { readonly type: 'resized'; readonly height: number };

const HEX_COLUMNS = 16;
const LOOKED_AT = 8192;

export function newViewer(file: {
  readonly path: string;
  readonly place: 'local' | 'remote';
  readonly octets: Uint8Array;
  readonly isCut: boolean;
}): Viewer {
  const mode = looksBinary(file.octets) ? 'hex' : 'text';
  return { ...file, mode, lines: linesOf(file.octets, mode), top: 0, height: 20 };
}

export function updateViewer(viewer: Viewer, event: ViewerEvent): Viewer {
  switch (event.type) {
    case 'scrolled':
      return scrolledTo(viewer, viewer.top + event.by);
    case 'paged':
      return scrolledTo(viewer, viewer.top + event.by * Math.max(1, viewer.height - 1));
    case 'scrolledTo':
      return scrolledTo(viewer, event.top);
    case 'resized':
      return scrolledTo({ ...viewer, height: Math.max(1, event.height) }, viewer.top);
    case 'modeToggled': {
      const mode = viewer.mode === 'text' ? 'hex' : 'text';
      return { ...viewer, mode, lines: linesOf(viewer.octets, mode), top: 0 };
    }
  }
}

function scrolledTo(viewer: Viewer, top: number): Viewer {
  const lowest = Math.max(0, viewer.lines.length - viewer.height);
  return { ...viewer, top: Math.max(0, Math.min(top, lowest)) };
}

/** NUL is in no text file. */
function looksBinary(octets: Uint8Array): boolean {
  return octets.subarray(0, LOOKED_AT).includes(0);
}

function linesOf(octets: Uint8Array, mode: Viewer['mode']): readonly string[] {
  return mode === 'text' ? textLines(octets) : hexLines(octets);
}

function textLines(octets: Uint8Array): readonly string[] {
  const lines = new TextDecoder().decode(octets).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
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
