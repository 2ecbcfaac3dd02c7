/** A time of MDTM, MFMT or MLSD (RFC 3659 §2.3), since the epoch. */
export function parseMachineTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,3}))?/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, ...rest] = match.slice(1, 7).map(Number);
  const fraction = Number((match[7] ?? '0').padEnd(3, '0'));
  const ms = Date.UTC(year, month - 1, ...(rest as [number, number, number, number]), fraction);
  return Number.isNaN(ms) ? undefined : ms;
}

/** As `YYYYMMDDhhmmss`. */
export function machineTime(modifiedMs: number): string {
  return new Date(modifiedMs).toISOString().slice(0, 19).replace(/[-T:]/g, '');
}
