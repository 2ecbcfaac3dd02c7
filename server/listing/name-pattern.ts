type Step =
  | { readonly kind: 'rest' }
  | { readonly kind: 'one'; readonly matches: (character: string) => boolean };

/** Whether a name matches a pattern. */
export type NameMatcher = (name: string) => boolean;

/** Whether a text is a pattern and not a plain name. */
export function isNamePattern(text: string): boolean {
  return /[*?[]/.test(text);
}

/**
 * Compiles a shell pattern: `*` for any characters, `?` for one, `[a-z]` for one of a set, `[!a-z]` or `[^a-z]` for one
 * outside the set. A `[` without its `]` is a plain character.
 *
 * Matching takes at most the product of both lengths, for every pattern. A leading dot has no special meaning.
 */
export function nameMatcher(pattern: string): NameMatcher {
  const steps = readSteps(Array.from(pattern));
  return (name) => matches(steps, Array.from(name));
}

function readSteps(characters: readonly string[]): Step[] {
  const steps: Step[] = [];
  let index = 0;
  while (index < characters.length) {
    const set = characters[index] === '[' ? readSet(characters, index) : undefined;
    if (set !== undefined) {
      steps.push(set.step);
      index = set.nextIndex;
      continue;
    }
    const step = readCharacter(characters[index] ?? '');
    // Many stars in a row are one.
    if (step.kind !== 'rest' || steps.at(-1)?.kind !== 'rest') steps.push(step);
    index += 1;
  }
  return steps;
}

function readCharacter(character: string): Step {
  if (character === '*') return { kind: 'rest' };
  if (character === '?') return { kind: 'one', matches: () => true };
  return { kind: 'one', matches: (other) => other === character };
}

function readSet(
  characters: readonly string[],
  start: number,
): { step: Step; nextIndex: number } | undefined {
  const isNegated = characters[start + 1] === '!' || characters[start + 1] === '^';
  const first = start + (isNegated ? 2 : 1);
  // A `]` that comes first belongs to the set.
  const end = characters.indexOf(']', first + 1);
  if (end === -1) return undefined;
  const members = readMembers(characters.slice(first, end));
  const includes = (character: string) =>
    members.some(({ from, to }) => character >= from && character <= to);
  return {
    step: { kind: 'one', matches: (character) => includes(character) !== isNegated },
    nextIndex: end + 1,
  };
}

function readMembers(characters: readonly string[]): { from: string; to: string }[] {
  const members: { from: string; to: string }[] = [];
  for (let index = 0; index < characters.length; index += 1) {
    const from = characters[index] ?? '';
    const to = characters[index + 2];
    if (characters[index + 1] === '-' && to !== undefined) {
      members.push({ from, to });
      index += 2;
    } else {
      members.push({ from, to: from });
    }
  }
  return members;
}

/** Only the last star is ever tried again, one character further: earlier ones need no second try. */
function matches(steps: readonly Step[], name: readonly string[]): boolean {
  let step = 0;
  let at = 0;
  let afterStar = -1;
  let starAt = 0;
  while (at < name.length) {
    const current = steps[step];
    if (current?.kind === 'rest') {
      step += 1;
      afterStar = step;
      starAt = at;
    } else if (current?.matches(name[at] ?? '')) {
      step += 1;
      at += 1;
    } else if (afterStar !== -1) {
      step = afterStar;
      starAt += 1;
      at = starAt;
    } else {
      return false;
    }
  }
  while (steps[step]?.kind === 'rest') step += 1;
  return step === steps.length;
}
