import type { Failure } from '../errors/failure.ts';
import { logIn, settle } from '../remote/connection/log-in.ts';
import { type Finding, ok, problem, unchecked, warning } from './finding.ts';
import type { Visit } from './visit.ts';

const ANONYMOUS = 'anonymous';
const NEEDS_LOGIN = 'PASV, EPSV and data connections need a login';

/** Logs in, because servers tell the rest only then. */
export async function checkLogin(visit: Visit): Promise<readonly Finding[]> {
  const { control, site, password } = visit;
  if (control === undefined) return [];
  const isAnonymous = site.username === ANONYMOUS;
  if (!isAnonymous && !visit.maySendSecrets) {
    return [
      unchecked(
        'login',
        `${NEEDS_LOGIN}; the password of ${site.username} was not sent over an untrusted connection.`,
        control.isEncrypted ? 'Add --trust FINGERPRINT.' : 'Add --plain to send it in clear.',
      ),
    ];
  }
  if (password === undefined) {
    return [
      unchecked('login', `${NEEDS_LOGIN}, and no password is known.`, 'Add --password-stdin.'),
    ];
  }
  // The user may take longer to type it than the server has to answer.
  const secret = await password();
  try {
    const signal = visit.timeLimit();
    await logIn(control, site.username, { password: async () => secret, signal });
  } catch (error) {
    return [refusedLogin(visit, visit.failure(error))];
  }
  visit.isLoggedIn = true;
  return [
    ok('login', `${site.username} is logged in.`, { username: site.username }),
    ...(await setUp(visit)),
  ];
}

function refusedLogin({ site }: Visit, { kind, message }: Failure): Finding {
  const facts = { username: site.username };
  if (kind === 'login' && site.username === ANONYMOUS) {
    const account = `ftp://USER@${site.host}:${site.port}/`;
    return unchecked(
      'login',
      `${NEEDS_LOGIN}, and the server has no anonymous one.`,
      `Give an account: myftp-tui doctor ${site.tls === 'implicit' ? account.replace('ftp:', 'ftps:') : account}`,
    );
  }
  return problem('login', kind, { text: `${message}.`.replace(/\.\.$/, '.'), facts });
}

/** TYPE I and, over TLS, PROT P. */
async function setUp(visit: Visit): Promise<readonly Finding[]> {
  const { control } = visit;
  if (control === undefined) return [];
  try {
    visit.capabilities = await settle(control, visit.timeLimit());
    visit.protectsData = control.isEncrypted;
    return [];
  } catch (error) {
    const { kind, message } = visit.failure(error);
    if (kind !== 'trust') return [problem('login', kind, { text: message })];
    return [
      warning('data-tls', {
        text: `${message}.`,
        remedy:
          'Files are sent in clear although the control connection is encrypted: enable PROT P.',
      }),
    ];
  }
}
