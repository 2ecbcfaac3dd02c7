import { describe, expect, test } from '@jest/globals';
import { PasswordNotAllowedError, UsernameNotAllowedError } from '../errors/errors.ts';
import { checkPassword, checkUsername } from './signup-rules.ts';

describe('checkUsername', () => {
  test.each(['bob', 'Anna.B_c-9', '_x_', '007', 'a'.repeat(32)])('%s is allowed', (username) => {
    expect(() => checkUsername(username)).not.toThrow();
  });

  test.each([
    '',
    'ab',
    'a'.repeat(33),
    '.anna',
    '-anna',
    '..',
    '...',
    'an na',
    'anna/b',
    'änna',
    'Kelvin\u212a',
    'anna\n',
    'anna\0',
    'anonymous',
    'Anonymous',
    'FTP',
  ])('%j is not allowed', (username) => {
    expect(() => checkUsername(username)).toThrow(UsernameNotAllowedError);
  });
});

describe('checkPassword', () => {
  test.each(['12345678', 'correct horse', 'ßäöüßäöü', ' '.repeat(8), 'x'.repeat(1024)])(
    '%j is allowed',
    (password) => {
      expect(() => checkPassword(password)).not.toThrow();
    },
  );

  test.each([
    '',
    '1234567',
    '😀'.repeat(7),
    'x'.repeat(1025),
    'ü'.repeat(513),
    '12345678\r',
    '1234\n5678',
    '12345678\0',
  ])('%j is not allowed', (password) => {
    expect(() => checkPassword(password)).toThrow(PasswordNotAllowedError);
  });

  test('a refusal does not repeat the password', () => {
    expect(() => checkPassword('secret')).toThrow(/^A password has at least 8 characters\.$/);
  });
});
