import { createHmac } from 'node:crypto';

interface Post {
  /** JSON. */
  readonly body: string;
  /** Key of the HMAC; empty if there is none. */
  readonly secret: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
  /** Headers beside those of every post. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends JSON by POST. The signature is the HMAC-SHA-256 of the timestamp, a point and the body, so that a receiver
 * can refuse what is old.
 *
 * @returns the response to a 2xx status.
 * @throws Error that says why it failed; any other status is a failure, a redirection too.
 */
export async function postSigned(url: string, post: Post): Promise<Response> {
  const { body, secret, nowMs, signal, headers } = post;
  if (secret === '') throw new Error('there is no --hook-secret to sign with');
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    signal,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'MyFTP',
      ...headers,
      'x-myftp-timestamp': timestamp,
      'x-myftp-signature': `sha256=${signature}`,
    },
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    const { cause, message } = error as Error & { readonly cause?: Error };
    throw new Error(cause?.message || message, { cause: error });
  });
  if (response.ok) return response;
  await response.body?.cancel();
  throw new Error(`status ${response.status}`);
}
