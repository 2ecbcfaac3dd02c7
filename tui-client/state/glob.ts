const SPECIAL = /[.+^${}()|\\]/g;

/** Matches whole names, ignoring case: `*` any characters, `?` one, `[a-z]` one of these. */
export function globMatcher(pattern: string): (name: string) => boolean {
  const expression = pattern
    .replace(SPECIAL, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll('[!', '[^');
  try {
    const matcher = new RegExp(`^${expression}$`, 'isu');
    return (name) => matcher.test(name);
  } catch {
    // A bracket without its partner is a plain character.
    return (name) => name.toLowerCase() === pattern.toLowerCase();
  }
}
