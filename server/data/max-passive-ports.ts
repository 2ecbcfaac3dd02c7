/** More passive ports than this make the next one no harder to guess in practice. */
const MAX_PASSIVE_PORTS = 2048;

/** Passive ports may take this part of the files that the process may open. */
const PART_OF_OPEN_FILES = 4;

/** The number of passive ports that may be open at a time. */
export function maxPassivePorts(openFiles: number | undefined): number {
  if (openFiles === undefined) return MAX_PASSIVE_PORTS / PART_OF_OPEN_FILES;
  return Math.max(1, Math.min(MAX_PASSIVE_PORTS, Math.floor(openFiles / PART_OF_OPEN_FILES)));
}
