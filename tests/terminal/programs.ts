import { sourceProgramWithJsx } from '../source-program.ts';

/** The command line that runs one of our programs from its sources. */
function sources(path: string): readonly [string, ...string[]] {
  return [process.execPath, ...sourceProgramWithJsx(new URL(path, import.meta.url))];
}

export const tinyProgram = sources('./tiny-program.tsx');

/** The client. */
export const clientProgram = sources('../../tui-client/main.ts');

/** A command line as one shell word after the other. */
export function shellWords(program: readonly string[]): string {
  return program.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** Tells, after the program has ended, how it ended and how it left the terminal's driver. */
export function thenTell(program: readonly string[]): readonly ['sh', '-c', string] {
  return [
    'sh',
    '-c',
    `${shellWords(program)}; echo "exit code $?"; stty -a; echo told; read -r end`,
  ];
}
