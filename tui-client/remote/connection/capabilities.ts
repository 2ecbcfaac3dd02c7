import { ALGORITHMS, type Algorithm } from '../../files/digest.ts';

/** What a server says that it can do (RFC 2389). */
export class Capabilities {
  /** The arguments of each line, by its first word in upper case. */
  readonly #lines = new Map<string, string[]>();
  /** What `hasBoth` has found: it is asked with each file. */
  readonly #pairs = new Map<string, boolean>();
  /** Asked for with each file. */
  #algorithms: readonly Algorithm[] | undefined;
  #isMyFtp: boolean | undefined;
  #refusesMachineListing = false;

  /** @param lines between the first and the last of the reply to FEAT. */
  constructor(lines: readonly string[] = []) {
    for (const line of lines) {
      const text = line.replace(/^211-/, '').trim();
      const space = text.indexOf(' ');
      const word = (space === -1 ? text : text.slice(0, space)).toUpperCase();
      if (word === '') continue;
      const rest = space === -1 ? '' : text.slice(space + 1).trim();
      this.#lines.set(word, [...(this.#lines.get(word) ?? []), rest]);
    }
  }

  has(word: string): boolean {
    return this.#lines.has(word.toUpperCase());
  }

  /** Whether a line begins with these two words, as `SITE UTIME` or `REST STREAM`. */
  hasBoth(word: string, second: string): boolean {
    const pair = `${word} ${second}`.toUpperCase();
    const known = this.#pairs.get(pair);
    if (known !== undefined) return known;
    const wanted = second.toUpperCase();
    const found = this.#arguments(word).some((rest) => wordsOf(rest).includes(wanted));
    this.#pairs.set(pair, found);
    return found;
  }

  /** Of every SITE line. */
  get siteCommands(): readonly string[] {
    return this.#arguments('SITE').flatMap(wordsOf);
  }

  /** Whether it says what it can do, and signing up is not among it. */
  get isWithoutSignUp(): boolean {
    return this.#lines.size > 0 && !this.hasBoth('SITE', 'SIGNUP');
  }

  /** Whether it is MyFTP. */
  get isMyFtp(): boolean {
    this.#isMyFtp ??= this.hasBoth('SITE', 'PARTIALS') && this.hasBoth('SITE', 'QUOTA');
    return this.#isMyFtp;
  }

  get facts(): readonly string[] {
    return this.#listOf('MLST').map(({ name }) => name.toLowerCase());
  }

  get selectedFacts(): readonly string[] {
    const selected = this.#listOf('MLST').filter(({ isSelected }) => isSelected);
    return selected.map(({ name }) => name.toLowerCase());
  }

  get hasMachineListing(): boolean {
    return !this.#refusesMachineListing && (this.has('MLST') || this.has('MLSD'));
  }

  /** The server does not know MLSD, whatever it has said. */
  noteRefusedMachineListing(): void {
    this.#refusesMachineListing = true;
  }

  get canRestart(): boolean {
    return this.hasBoth('REST', 'STREAM');
  }

  get hasReceipts(): boolean {
    return (
      this.has('RECEIPT') || this.hasBoth('OPTS', 'RECEIPT') || this.hasBoth('SITE', 'RECEIPT')
    );
  }

  /** The names by which HASH knows algorithms. */
  get hashNames(): readonly string[] {
    return this.#listOf('HASH').map(({ name }) => name);
  }

  /** The one that HASH computes unless another is chosen. */
  get selectedHash(): string | undefined {
    return this.#listOf('HASH').find(({ isSelected }) => isSelected)?.name;
  }

  /** What the server can compute, the best first. */
  get algorithms(): readonly Algorithm[] {
    this.#algorithms ??= ALGORITHMS.filter(
      (algorithm) => this.hashName(algorithm) ?? this.digestCommand(algorithm),
    );
    return this.#algorithms;
  }

  /** How HASH calls an algorithm. */
  hashName(algorithm: Algorithm): string | undefined {
    return this.hashNames.find((name) => plain(name) === plain(algorithm));
  }

  /** The older command for an algorithm, as `XSHA256` or `SITE XMD5`. */
  digestCommand(algorithm: Algorithm): string | undefined {
    const verbs = OLDER_COMMANDS[algorithm];
    const verb = verbs.find((name) => this.has(name));
    if (verb !== undefined) return verb;
    const siteVerb = verbs.find((name) => this.hasBoth('SITE', name));
    return siteVerb === undefined ? undefined : `SITE ${siteVerb}`;
  }

  #arguments(word: string): readonly string[] {
    return this.#lines.get(word.toUpperCase()) ?? [];
  }

  #listOf(word: string): { readonly name: string; readonly isSelected: boolean }[] {
    return this.#arguments(word)
      .flatMap((rest) => rest.split(/[;, ]+/))
      .filter((name) => name !== '')
      .map((name) => ({ name: name.replace(/\*$/, ''), isSelected: name.endsWith('*') }));
  }
}

const OLDER_COMMANDS: Readonly<Record<Algorithm, readonly string[]>> = {
  'SHA-512': ['XSHA512'],
  'SHA-256': ['XSHA256'],
  'SHA-1': ['XSHA1', 'XSHA'],
  MD5: ['XMD5', 'MD5'],
  CRC32: ['XCRC'],
};

function wordsOf(line: string): readonly string[] {
  return line.toUpperCase().split(/[ ;]+/);
}

/** Servers write `SHA-256`, `SHA256` and `sha256`. */
function plain(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '');
}
