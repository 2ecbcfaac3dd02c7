export const HIDDEN = '[hidden]';

/** Names of fields that are redacted at every level. */
export const SECRET_FIELDS: readonly string[] = [
  'password',
  'currentPassword',
  'newPassword',
  'passwordHash',
  'pass',
  'secret',
  'token',
  'invite',
];

const secretFields = new Set(SECRET_FIELDS);
const SECRET_COMMAND = /^\s*PASS\s/i;
const DEEPEST = 3;

type Fields = Record<string, unknown>;

/**
 * The second line of defence against secrets in logs: hides fields with telling names, and texts that
 * are a PASS command. The first line is not to log them. Gives back the same object if nothing is to
 * be hidden.
 */
export function hideSecrets(fields: Fields, depth = 0): Fields {
  let cleaned: Fields | undefined;
  for (const [name, value] of Object.entries(fields)) {
    const shown = shownValue(name, value, depth);
    if (shown === value) continue;
    cleaned ??= { ...fields };
    cleaned[name] = shown;
  }
  return cleaned ?? fields;
}

function shownValue(name: string, value: unknown, depth: number): unknown {
  if (secretFields.has(name) && value !== undefined) return HIDDEN;
  if (typeof value === 'string') return SECRET_COMMAND.test(value) ? HIDDEN : value;
  return isPlainObject(value) && depth < DEEPEST ? hideSecrets(value, depth + 1) : value;
}

function isPlainObject(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
