import { builtClient, builtTinyProgram } from '../built-programs.ts';

export const tinyProgram = [process.execPath, builtTinyProgram()] as const;

/** The client. */
export const clientProgram = [process.execPath, builtClient()] as const;

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
