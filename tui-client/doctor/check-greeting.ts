import type { ControlConnection } from '../remote/connection/control-connection.ts';
import { firstLine } from '../remote/connection/first-line.ts';
import { foreignServer } from '../remote/connection/foreign-greeting.ts';
import { isRefusal, type Reply, wordsOf } from '../remote/connection/reply.ts';
import { displayName } from '../text/format.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

import { speaksTls } from './other-protocol.ts';
import type { Visit } from './visit.ts';

const SLOW_MS = 3000;
const MAX_SHOWN_CHARACTERS = 80;

/** Waits for the greeting, and recognizes what is no FTP server. */
export async function checkGreeting(visit: Visit): Promise<readonly Finding[]> {
  const startedMs = performance.now();
  const control = controlOf(visit);
  const first = firstLine(control.socket);
  try {
    // An FTP server: the reply comes by the other way.
    const foreign = first.line.then((line) => foreignIn(line) ?? new Promise<never>(() => {}));
    // A mail server greets with 220, too.
    const reply = control
      .finalReply({ timeoutMs: visit.answerMs })
      .then(async (final) => foreignIn(await first.line) ?? final);
    const found = await Promise.race([reply, foreign]);
    if ('server' in found) return [foreignFinding(visit, found)];
    return [replyFinding(visit, found, Math.round(performance.now() - startedMs))];
  } catch (error) {
    const { message, code } = visit.failure(error);
    control.close();
    visit.control = undefined;
    // With 421 the server closes the connection.
    if (code !== undefined) return [refusal(message, { code })];
    if (first.received() !== '') return [brokenFinding(message, first.received())];
    return [await silenceFinding(visit, message)];
  }
}

/** With implicit TLS it already exists. */
function controlOf(visit: Visit): ControlConnection {
  const { control = visit.newControl(), socket } = visit;
  if (visit.control === undefined && socket !== undefined) control.socket = socket.resume();
  visit.control = control;
  return control;
}

interface ForeignGreeting {
  readonly line: string;
  readonly server: string;
}

function foreignIn(line: string): ForeignGreeting | undefined {
  const server = foreignServer(line);
  return server === undefined ? undefined : { line, server };
}

function foreignFinding(visit: Visit, { line, server }: ForeignGreeting): Finding {
  visit.control?.close();
  visit.control = undefined;
  const { port } = visit.site;
  return problem('greeting', 'protocol', {
    text: `Port ${port} is ${server}: it greets with "${shown(line)}".`,
    remedy:
      'Use the port of the FTP server: 21 for explicit and 990 for implicit TLS, unless it was changed.',
    facts: { greeting: line },
  });
}

function replyFinding(visit: Visit, reply: Reply, ms: number): Finding {
  const text = shown(wordsOf(reply));
  const facts = { code: reply.code, greeting: reply.text, ms };
  if (isRefusal(reply)) {
    visit.control?.close();
    visit.control = undefined;
    return refusal(text, facts);
  }
  if (ms > SLOW_MS) {
    return warning('greeting', {
      text: `The greeting takes ${(ms / 1000).toFixed(1)} s: ${text}.`,
      remedy:
        'Usually the server looks up the name of the client: switch that off, or repair its name server.',
      facts,
    });
  }
  return ok('greeting', `${text} (${ms} ms).`, facts);
}

function refusal(words: string, facts: Finding['facts']): Finding {
  return problem('greeting', 'network', {
    text: `The server turns clients away: ${words}`,
    remedy: 'Its log says why: too many sessions, a banned address, or a shutdown.',
    facts,
  });
}

function brokenFinding(message: string, received: string): Finding {
  return problem('greeting', 'protocol', {
    text: `The greeting has no end: "${shown(received)}" (${message}).`,
    remedy: 'This is no FTP server, or something between cuts the connection.',
  });
}

async function silenceFinding(visit: Visit, message: string): Promise<Finding> {
  const { port, host } = visit.site;
  if (visit.site.tls !== 'implicit' && (await speaksTls(visit))) {
    return problem('greeting', 'protocol', {
      text: `Port ${port} does not greet, but answers TLS: it is for implicit TLS.`,
      remedy: `Use ftps://${host}:${port}/, or the port for explicit TLS.`,
      facts: { implicitTls: true },
    });
  }
  return problem('greeting', 'network', {
    text: `The server accepts the connection and says nothing (${message}).`,
    remedy:
      'A proxy or firewall may accept for a server that is down; or the server is overloaded.',
  });
}

function shown(text: string): string {
  return displayName(text.trim()).slice(0, MAX_SHOWN_CHARACTERS).replace(/\.$/, '');
}
