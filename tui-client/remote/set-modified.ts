import { isRefusal } from './connection/reply.ts';
import type { LoggedIn } from './connection/session-link.ts';
import { machineTime } from './listing/machine-time.ts';

/** MFMT, the two-argument MDTM that older servers have, or SITE UTIME. */
export async function setModified(
  { control, capabilities }: LoggedIn,
  path: string,
  modifiedMs: number,
): Promise<boolean> {
  const time = machineTime(modifiedMs);
  const commands = [
    ...(capabilities.has('MFMT') ? [`MFMT ${time} ${path}`] : []),
    ...(capabilities.hasBoth('SITE', 'UTIME') ? [`SITE UTIME ${time} ${path}`] : []),
    ...(capabilities.has('MFMT') ? [] : [`MDTM ${time} ${path}`]),
  ];
  for (const command of commands) {
    if (!isRefusal(await control.ask(command))) return true;
  }
  return false;
}
