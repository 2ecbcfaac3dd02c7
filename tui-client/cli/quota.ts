import { Failure } from '../errors/failure.ts';
import type { Quota } from '../remote/remote-session.ts';
import { exactBytes, shortBytes } from '../text/format.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { CommandRequest } from './request.ts';
import { siteText, withSessions } from './sessions.ts';

/** Prints the quota of the account. */
export function quota(request: CommandRequest): Promise<number> {
  const [site = ''] = request.args;
  return withSessions(request, async (sessions) => {
    const { session } = await sessions.spot(siteText(site));
    const found = await session.quota();
    if (found === undefined) throw new Failure('protocol', 'The server does not report a quota.');
    await sessions.output.result(
      () => `${quotaText(found)}\n`,
      () => ({ type: 'quota', ...found }),
    );
    return EXIT_CODES.done;
  });
}

function quotaText({ usedBytes, limitBytes, freeBytes }: Quota): string {
  const free = `${shortBytes(freeBytes)} (${exactBytes(freeBytes)}) free`;
  if (usedBytes === undefined) return free;
  if (limitBytes === undefined) return `${shortBytes(usedBytes)} used, no limit, ${free}`;
  return `${shortBytes(usedBytes)} of ${shortBytes(limitBytes)} used, ${free}`;
}
