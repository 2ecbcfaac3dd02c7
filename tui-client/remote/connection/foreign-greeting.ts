import { Failure } from '../../errors/failure.ts';
import { displayName } from '../../text/format.ts';
import type { ProxyLogin } from '../proxy/proxy-login.ts';

const MAX_SHOWN_CHARACTERS = 80;

const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/^SSH-/, 'an SSH server (SFTP is another protocol)'],
  [/^HTTP\/|^<(!doctype|html)/i, 'a web server'],
  [/^\* OK/, 'an IMAP server'],
  [/^\+OK/, 'a POP3 server'],
  [/^220[ -].*\bE?SMTP\b/i, 'a mail server (SMTP)'],
  [/^RFB /, 'a VNC server'],
];

/** The first line of a reply has a code and a blank or a hyphen (RFC 959 §4.2). */
const REPLY = /^\d{3}(?:[ -]|$)/;

/** What a first line shows that no FTP server sends; undefined if it may be one. */
export function foreignServer(firstLine: string): string | undefined {
  const [, name] = KNOWN.find(([form]) => form.test(firstLine)) ?? [];
  if (name !== undefined) return name;
  return REPLY.test(firstLine) ? undefined : 'no FTP server';
}

/** The failure to tell of a port that is another server's. */
export function foreignPort(found: {
  readonly port: number;
  readonly server: string;
  readonly line: string;
  readonly via: ProxyLogin | undefined;
}): Failure {
  const { port, server, via } = found;
  const line = displayName(found.line.trim()).slice(0, MAX_SHOWN_CHARACTERS);
  const doubt = via === undefined ? '' : ` ${via.name} is between, and may have sent this.`;
  return new Failure('protocol', `Port ${port} is ${server}: it greets with "${line}".${doubt}`);
}
