import type { ProgramInput } from './program-run.ts';

export type MessageToRunner =
  | ({ readonly kind: 'run'; readonly id: number; readonly file: string } & ProgramInput)
  | { readonly kind: 'kill'; readonly id: number };

/** The end of a program: its output, or why it failed. */
export type MessageFromRunner = { readonly id: number } & (
  | { readonly output: string }
  | { readonly failure: string }
);
