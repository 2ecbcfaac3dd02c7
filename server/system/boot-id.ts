import { readFileSync } from 'node:fs';

/** Id of the running kernel's boot: it changes when the machine restarts. Empty if the system does not tell. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
