import type { Capabilities } from './connection/capabilities.ts';
import { isRefusal } from './connection/reply.ts';
import type { LoggedIn } from './connection/session-link.ts';
import { machineTime } from './listing/machine-time.ts';

/** Sets when a file was last changed. False if the server cannot. */
export async function setModified(
  { control, capabilities }: LoggedIn,
  path: string,
  modifiedMs: number,
): Promise<boolean> {
  for (const command of timeCommands(capabilities, path, modifiedMs)) {
    if (!isRefusal(await control.ask(command))) return true;
  }
  return false;
}

/** MFMT, the two-argument MDTM that older servers have, or SITE UTIME; the best first. */
export function timeCommands(
  capabilities: Capabilities,
  path: string,
  modifiedMs: number,
): readonly string[] {
  const time = machineTime(modifiedMs);
  return [
    ...(capabilities.has('MFMT') ? [`MFMT ${time} ${path}`] : []),
    ...(capabilities.hasBoth('SITE', 'UTIME') ? [`SITE UTIME ${time} ${path}`] : []),
    ...(capabilities.has('MFMT') ? [] : [`MDTM ${time} ${path}`]),
  ];
}
