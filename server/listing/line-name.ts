const LINE_ENDS = /[\r\n]/g;

/** A name as a line of a listing can carry it: CR and LF would end the line and become `?`. */
export function lineName(name: string): string {
  return name.includes('\n') || name.includes('\r') ? name.replace(LINE_ENDS, '?') : name;
}
