import { describe, expect, test } from '@jest/globals';
import * as errors from '../errors/errors.ts';
import { isForeseen, replyForError } from './reply-for-error.ts';

type Constructor = new (message: string) => errors.ClientError;

describe('replyForError', () => {
  const classes = Object.values(errors).filter(
    (one) => (one as unknown) !== errors.ClientError && /^[A-Z]/.test(one.name),
  ) as unknown as Constructor[];

  test.each(classes.map((one) => [one.name, one] as const))(
    '%s has a code and tells its message',
    (_name, ErrorClass) => {
      const error = new ErrorClass('What went wrong.');
      expect(error).toBeInstanceOf(errors.ClientError);
      expect(isForeseen(error)).toBe(true);
      const { code, lines } = replyForError(error);
      expect(code).toBeGreaterThanOrEqual(400);
      expect(code).toBeLessThan(600);
      expect(lines).toEqual(['What went wrong.']);
    },
  );

  test('there are classes to walk through', () => {
    expect(classes.length).toBeGreaterThan(15);
  });

  test.each([
    new Error("ENOENT: no such file, open '/srv/files/anna/secret'"),
    Object.assign(new Error('SQLITE_BUSY'), { code: 'SQLITE_BUSY' }),
    new (class Unlisted extends errors.ClientError {})('unlisted'),
    'a text',
    undefined,
  ])('what nobody foresaw is 451, without a word about it: %p', (error) => {
    expect(isForeseen(error)).toBe(false);
    expect(replyForError(error)).toEqual({
      code: 451,
      lines: ['Internal server error; see the server log.'],
    });
  });
});
