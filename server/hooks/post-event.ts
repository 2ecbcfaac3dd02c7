import { createHmac } from 'node:crypto';
import type { HookEvent } from './hook-event.ts';

interface Post {
  readonly event: HookEvent;
  readonly body: string;
  /** Key of the HMAC. */
  readonly secret: string;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends an event by POST. The signature is the HMAC-SHA-256 of the timestamp, a point and the body, so that a receiver
 * can refuse what is old.
 *
 * @throws Error that says why it failed; any status but 2xx is a failure, a redirection too.
 */
export async function postEvent(url: string, post: Post): Promise<void> {
  const { event, body, secret, nowMs, signal } = post;
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
      'x-myftp-event-id': event.id,
      'x-myftp-timestamp': timestamp,
      'x-myftp-signature': `sha256=${signature}`,
    },
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    const { cause, message } = error as Error & { readonly cause?: Error };
    throw new Error(cause?.message || message, { cause: error });
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`status ${response.status}`);
}
