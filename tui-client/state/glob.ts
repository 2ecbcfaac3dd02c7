const SPECIAL = /[.+^${}()|\\]/g;

/**
 * Matches whole names: `*` any characters, `?` one, `[a-z]` one of these. Upper and lower case are the same
 * unless they are `told-apart`.
 */
export function globMatcher(
  pattern: string,
  cases: 'the-same' | 'told-apart' = 'the-same',
): (name: string) => boolean {
  const expression = pattern
    .replace(SPECIAL, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  try {
    const matcher = new RegExp(`^${expression}$`, cases === 'the-same' ? 'isu' : 'su');
    return (name) => matcher.test(name);
  } catch {
    // A bracket without its partner is a plain character.
    if (cases === 'told-apart') return (name) => name === pattern;
    return (name) => name.toLowerCase() === pattern.toLowerCase();
  }
}
