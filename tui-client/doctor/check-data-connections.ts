import { TLSSocket } from 'node:tls';
import type { Failure } from '../errors/failure.ts';
import type { ControlConnection } from '../remote/connection/control-connection.ts';
import type { DataConnection } from '../remote/data/data-connection.ts';
import { PassiveMode } from '../remote/data/passive-mode.ts';
import { Receiver } from '../remote/data/receiver.ts';
import { runTransfer } from '../remote/data/run-transfer.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Visit } from './visit.ts';

type Mode = 'EPSV' | 'PASV';

const BUFFER_BYTES = 64 * 1024;
const CHECKS = { EPSV: 'epsv-data', PASV: 'pasv-data' } as const;

/** What a data connection showed. */
interface Attempt {
  readonly mode: Mode;
  readonly port: number | undefined;
  readonly bytes: number;
  readonly ms: number;
  readonly tls: { readonly protocol: string; readonly isResumed: boolean } | undefined;
}

/** Lists the working directory over a data connection of each kind. */
export async function checkDataConnections(visit: Visit): Promise<readonly Finding[]> {
  if (!visit.isLoggedIn) return [];
  const findings: Finding[] = [];
  for (const mode of ['EPSV', 'PASV'] as const) {
    const { control } = visit;
    if (control === undefined || control.isLost) break;
    const outcome = await attempt(visit, control, mode);
    if ('tls' in outcome) {
      findings.push(doneFinding(outcome));
      if (outcome.tls !== undefined) findings.push(tlsFinding(mode, outcome.tls));
    } else {
      findings.push(outcome);
    }
  }
  return findings;
}

async function attempt(
  visit: Visit,
  control: ControlConnection,
  mode: Mode,
): Promise<Attempt | Finding> {
  const watch = new DataWatch();
  const startedMs = performance.now();
  control.passive = new PassiveMode(mode === 'PASV' ? mode : undefined);
  try {
    await runTransfer(control, {
      command: 'LIST',
      receiver: watch.receiver,
      onConnected: (data) => watch.connected(data),
      signal: visit.timeLimit(),
      isOurTurn: () => false,
      stallMs: visit.answerMs,
    });
  } catch (error) {
    return failedFinding(mode, visit.failure(error), watch);
  }
  const { extendedFailure } = control.passive;
  if (extendedFailure?.kind === 'network') {
    return failedFinding(mode, extendedFailure, new DataWatch());
  }
  if (extendedFailure !== undefined) return refusedExtended();
  const ms = Math.round(performance.now() - startedMs);
  return { mode, ms, port: watch.port, bytes: watch.bytes, tls: watch.tls };
}

/** Remembers what would be gone with the connection. */
class DataWatch {
  bytes = 0;
  port: number | undefined;
  tls: Attempt['tls'];
  isConnected = false;
  readonly receiver = new Receiver({
    bufferBytes: BUFFER_BYTES,
    sink: (octets) => {
      this.bytes += octets.length;
      return undefined;
    },
  });

  connected({ socket }: DataConnection): void {
    this.isConnected = true;
    this.port = socket.remotePort;
    if (!(socket instanceof TLSSocket)) return;
    socket.once('secureConnect', () => {
      this.port = socket.remotePort;
      this.tls = { protocol: socket.getProtocol() ?? 'TLS', isResumed: socket.isSessionReused() };
    });
  }
}

function doneFinding({ mode, port, bytes, ms, tls }: Attempt): Finding {
  const over = tls === undefined ? 'in clear' : `over ${tls.protocol}`;
  const text = `${mode}: a listing of ${bytes} bytes came ${over} from port ${port} (${ms} ms).`;
  return ok(CHECKS[mode], text, { port, bytes, ms });
}

function tlsFinding(mode: Mode, { protocol, isResumed }: NonNullable<Attempt['tls']>): Finding {
  const facts = { mode, protocol, sessionReused: isResumed };
  if (isResumed) {
    return ok('data-tls', `${mode}: the data connection resumes the TLS session.`, facts);
  }
  return warning('data-tls', {
    text: `${mode}: the data connection does not resume the TLS session.`,
    remedy:
      'It works, but each file costs a full handshake, and nothing ties data connections to the login. Keep session tickets or the session cache on.',
    facts,
  });
}

function refusedExtended(): Finding {
  return warning('epsv-data', {
    text: 'The server refuses EPSV; clients fall back to PASV.',
    remedy: 'EPSV works behind NAT without a public address and over IPv6: allow it.',
  });
}

function failedFinding(mode: Mode, failure: Failure, watch: DataWatch): Finding {
  const { kind, message } = failure;
  return problem(CHECKS[mode], kind, {
    text: `${mode}: ${message}.`.replace(/\.\.$/, '.'),
    ...(kind === 'network' && { remedy: remedyFor(watch) }),
  });
}

function remedyFor({ isConnected }: DataWatch): string {
  return isConnected
    ? 'Something between drops the data connection: an FTP helper of a router that does not understand TLS, or a firewall.'
    : 'Allow the passive ports in the firewall, and forward them if the server is behind NAT. A fixed range makes that possible: --pasv-range 50000-50100 (MyFTP).';
}
