/** A reply of the server. */
export interface Reply {
  readonly code: number;
  /** All lines with their codes, separated by LF. */
  readonly text: string;
}

/** Whether a reply ends its command. */
export function isFinal({ code }: Reply): boolean {
  return code >= 200;
}

export function isRefusal({ code }: Reply): boolean {
  return code >= 400;
}

/** The reply in one line, as people are shown it: control characters and the codes of further lines are gone. */
export function wordsOf({ code, text }: Reply): string {
  const lines = text.split('\n').map((line) => line.replace(/^\d{3}[ -]/, '').trim());
  const words = lines.filter((line) => line !== '').join(' ');
  return `${code} ${withoutControls(words)}`.trim();
}

/** The lines between the first and the last, as FEAT and MLST have them. */
export function innerLines({ text }: Reply): string[] {
  return text.split('\n').slice(1, -1);
}

/** The pathname in a reply 257, where quotes are doubled (RFC 959 §5.4, appendix II). */
export function quotedPathname({ text }: Reply): string | undefined {
  const start = text.indexOf('"');
  if (start === -1) return undefined;
  let pathname = '';
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] !== '"') pathname += text[at];
    else if (text[at + 1] !== '"') return pathname;
    else {
      pathname += '"';
      at += 1;
    }
  }
  return undefined;
}

function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ');
}
