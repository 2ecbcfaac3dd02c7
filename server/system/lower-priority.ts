import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** The kernel takes one change in 100 ms from all processes without privileges. */
const RETRY_MS = 150;
const MAX_ATTEMPTS = 20;

/**
 * Gives this process, which leads a session, and what it starts a nice value. Where the kernel shares processors
 * between sessions (autogroup), that of the process counts within its session only, and the session has one as well.
 *
 * @param niceness 0 to 19
 */
export async function lowerPriority(niceness: number): Promise<void> {
  // A service may be nicer already, and must not become less so.
  if (niceness <= getPriority()) return;
  setPriority(niceness);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    try {
      writeFileSync('/proc/self/autogroup', String(niceness));
      return;
    } catch (error) {
      // Kernels without autogroup have no such file.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
    await delay(RETRY_MS);
  }
}
