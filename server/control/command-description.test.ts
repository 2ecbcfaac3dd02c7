import { expect, test } from '@jest/globals';
import { commandTable } from '../commands/command-table.ts';
import { describeCommand } from './command-description.ts';

function describe(verb: string, argument: string | undefined): string | undefined {
  const command = commandTable.get(verb);
  return command && describeCommand(verb, command, argument);
}

test.each([
  ['PASS', 'correct horse', 'PASS ***'],
  ['ACCT', 'billing-7', 'ACCT ***'],
  ['SITE', 'SIGNUP anna ABCD-EFGH', 'SITE SIGNUP anna ***'],
  ['SITE', 'signup  anna   ABCD', 'SITE SIGNUP anna ***'],
  ['SITE', 'PASSWD my secret', 'SITE PASSWD ***'],
  ['SITE', ' PASSWD my secret', 'SITE PASSWD ***'],
  ['SITE', 'PASS secret', 'SITE ***'],
  ['SITE', 'secret', 'SITE ***'],
  ['SITE', 'PASSWORD secret', 'SITE ***'],
  ['SITE', 'QUOTAsecret', 'SITE ***'],
  ['USER', 'secret', 'USER ***'],
])('%s %s is written as %s', (verb, argument, described) => {
  expect(describe(verb, argument)).toBe(described);
});

test.each([
  ['RETR', 'a b.txt', 'RETR a b.txt'],
  ['SITE', 'CHMOD 644 PASS.txt', 'SITE CHMOD 644 PASS.txt'],
  ['SITE', 'quota', 'SITE QUOTA'],
  ['SITE', 'PASSWD', 'SITE PASSWD'],
  ['SITE', 'SIGNUP anna', 'SITE SIGNUP anna'],
  ['SITE', 'PARTIALS', 'SITE PARTIALS'],
  ['NOOP', undefined, 'NOOP'],
])('%s %s has no secret', (verb, argument, described) => {
  expect(describe(verb, argument)).toBe(described);
});
