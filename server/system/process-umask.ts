import { readFileSync } from 'node:fs';

/** The umask of this process. Node can only read it by changing it for a moment, for all threads. */
export function processUmask(): number {
  const [, digits = '022'] =
    /^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number.parseInt(digits, 8);
}
