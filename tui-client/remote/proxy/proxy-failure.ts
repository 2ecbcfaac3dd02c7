import { Failure } from '../../errors/failure.ts';
import { displayName } from '../../text/format.ts';
import type { ProxyLogin } from './proxy-login.ts';

const MAX_SHOWN_CHARACTERS = 80;

/** The failure of a proxy that does not let its client in. The password is asked for again the next time. */
export function loginRefused(via: ProxyLogin): Failure {
  via.forgetPassword();
  const { username, kind } = via.proxy;
  const words =
    username === undefined
      ? `wants a user and a password: name the user, as in ${kind}://USER@…`
      : 'refuses the user or the password';
  return new Failure('login', `${via.name} ${words}.`, { isOfProxy: true });
}

/** The failure of a proxy that cannot or will not make the connection, or that is no proxy. */
export function tunnelFailure(
  via: ProxyLogin,
  words: string,
  life: 'transient' | 'lasting' = 'transient',
): Failure {
  const isTransient = life === 'transient';
  return new Failure('network', `${via.name} ${words}.`, { isTransient, isOfProxy: true });
}

/** What a proxy said, as far as a message has room for it. */
export function shownWords(text: string): string {
  return displayName(text.trim()).slice(0, MAX_SHOWN_CHARACTERS);
}
