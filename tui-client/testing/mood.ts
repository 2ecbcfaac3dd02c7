import type { Charset } from '../remote/connection/charset.ts';
import type { ScriptedControl } from '../remote/testing/scripted-server.ts';
import type { FieldTree } from './field-tree.ts';

export interface ListedEntry {
  readonly name: string;
  /** Undefined for a directory. */
  readonly file: { readonly content: Buffer; readonly modifiedMs: number } | undefined;
}

/** The part of a server that its own answers may look at. */
interface FieldRoot {
  readonly tree: FieldTree;
  readonly home: string;
}

/** The peculiarities of a server. */
export interface Mood {
  /** Lines of FEAT. */
  readonly features?: readonly string[];
  /** Writes LIST and MLSD. */
  readonly list?: (entries: readonly ListedEntry[]) => string;
  /** Answers LIST of an empty directory. */
  readonly listsEmpty?: (control: ScriptedControl) => Promise<unknown> | unknown;
  /** Of names; UTF-8 if left out. */
  readonly charset?: Charset;
  /** Replies to a listing that was sent. */
  readonly closing?: string;
  /** The name that it keeps for another one, as servers do that ignore case. */
  readonly keptAs?: (name: string) => string;
  /** Leaves out names with a dot in front unless LIST has `-a`. */
  readonly hidesDotFiles?: true;
  /** Takes REST and begins at the start. */
  readonly ignoresRest?: true;
  /** Says this to STOR where the directory is missing. */
  readonly storesInDirectoriesOnly?: string;
  /** Keeps this number of octets of an upload and confirms it. */
  readonly keepsAtMost?: number;
  /** Sends this number of octets of a file and confirms it. */
  readonly sendsAtMost?: number;
  /** Answers a verb itself, unless it gives undefined. */
  readonly answers?: Readonly<
    Record<
      string,
      (argument: string, control: ScriptedControl, server: FieldRoot) => Promise<unknown> | unknown
    >
  >;
}
