import { Failure } from '../../errors/failure.ts';
import { failureForReply } from '../remote-failure.ts';
import { Capabilities } from './capabilities.ts';
import type { ControlConnection } from './control-connection.ts';
import { innerLines, isRefusal } from './reply.ts';

const CLIENT_NAME = 'MyFTP';
/** Of what MLSD can tell, what is shown. */
const WANTED_FACTS = [
  'type',
  'size',
  'modify',
  'unix.mode',
  'unix.owner',
  'unix.ownername',
  'unique',
  'x.partial',
];

/** USER and PASS. The password is asked for only if the server wants one. */
export async function logIn(
  control: ControlConnection,
  username: string,
  { password, signal }: { password: () => Promise<string>; signal?: AbortSignal | undefined },
): Promise<void> {
  let reply = await control.ask(`USER ${username}`, { signal });
  if (reply.code === 331) {
    const secret = await password();
    control.redacted.hide(secret);
    reply = await control.ask(`PASS ${secret}`, { signal });
  }
  if (reply.code === 332) throw new Failure('login', 'The server wants an account (ACCT) as well.');
  if (isRefusal(reply)) throw loginFailure(failureForReply(reply, 'Login refused'));
}

/** Whatever the code, but a server that is full or going is not a wrong password. */
function loginFailure(failure: Failure): Failure {
  const { kind, message, code = 0, isTransient } = failure;
  if (kind === 'network' || kind === 'trust') return failure;
  return new Failure('login', message, { code, isTransient });
}

/** Sets the connection up for transfers, and learns what the server can do. */
export async function settle(
  control: ControlConnection,
  signal?: AbortSignal | undefined,
): Promise<Capabilities> {
  const options = { signal };
  const reply = await control.ask('FEAT', options);
  const capabilities = new Capabilities(isRefusal(reply) ? [] : innerLines(reply));
  control.isMyFtp = capabilities.isMyFtp;
  if (capabilities.has('CLNT')) await control.ask(`CLNT ${CLIENT_NAME}`, options);
  if (capabilities.has('UTF8')) {
    const state = control.names.charset === undefined ? 'ON' : 'OFF';
    await control.ask(`OPTS UTF8 ${state}`, options);
  }
  await control.command('TYPE I', {
    ...options,
    purpose: 'The server cannot send files as they are',
  });
  if (control.isEncrypted) await protectData(control, signal);
  await chooseFacts(control, capabilities, signal);
  return capabilities;
}

/** RFC 4217 §9. */
async function protectData(control: ControlConnection, signal?: AbortSignal): Promise<void> {
  await control.ask('PBSZ 0', { signal });
  const reply = await control.ask('PROT P', { signal });
  if (!isRefusal(reply)) return;
  const { message } = failureForReply(reply, 'The server does not encrypt data connections');
  throw new Failure('trust', message, { code: reply.code });
}

/** RFC 3659 §7.9. Unused facts make long listings longer. */
async function chooseFacts(
  control: ControlConnection,
  { facts, selectedFacts }: Capabilities,
  signal?: AbortSignal,
): Promise<void> {
  const wanted = WANTED_FACTS.filter((fact) => facts.includes(fact));
  if (wanted.length === 0 || wanted.join() === selectedFacts.join()) return;
  await control.ask(`OPTS MLST ${wanted.map((fact) => `${fact};`).join('')}`, { signal });
}
