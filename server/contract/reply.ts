/** A server reply: its code and its lines of text (RFC 959 §4.2). */
export interface Reply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** A reply of one line. */
export function reply(code: number, text: string): Reply {
  return { code, lines: [text] };
}

/** A reply of several lines; those between the first and the last are indented by a blank. */
export function multilineReply(code: number, lines: readonly string[]): Reply {
  return { code, lines };
}

/** The octets that go over the control connection: CRLF after each line, no line break inside. */
export function formatReply({ code, lines }: Reply): string {
  const last = lines.length - 1;
  let text = '';
  for (let index = 0; index < last; index += 1) {
    text += index === 0 ? `${code}-${oneLine(lines[0])}\r\n` : ` ${oneLine(lines[index])}\r\n`;
  }
  return `${text}${code} ${oneLine(lines[last])}\r\n`;
}

/** A pathname in a reply must not be able to end the line and forge the next (RFC 959 §4.2). */
function oneLine(text = ''): string {
  return /[\r\n\0]/.test(text) ? text.replace(/[\r\n\0]/g, '?') : text;
}

/** A pathname as reply 257 has it: in quotes, those inside doubled (RFC 959 appendix II). */
export function quotedPath(pathname: string): string {
  return `"${pathname.replaceAll('"', '""')}"`;
}
