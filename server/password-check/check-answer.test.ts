import { expect, test } from '@jest/globals';
import { readAnswer } from './check-answer.ts';

test('false is a wrong password, true alone sets nothing', () => {
  expect(readAnswer('{"ok":false}\n')).toBeUndefined();
  expect(readAnswer(' {"ok":true}')).toEqual({});
  expect(readAnswer('{"ok":true,"account":{}}')).toEqual({});
});

test('all settings are read', () => {
  const account = {
    home: '/srv/www/./site',
    adoptHome: true,
    quota: '10GB',
    maxFiles: 1000,
    group: 'Staff',
    rights: { '/': 'read-only', '/incoming/': 'list,write' },
    expires: '2027-01-31T18:00Z',
    networks: ['10.0.0.0/8', '2001:DB8::1'],
    rateUp: '2M',
    rateDown: 0,
  };
  expect(readAnswer(JSON.stringify({ ok: true, account }))).toEqual({
    homePath: '/srv/www/site',
    adoptsHome: true,
    quotaBytes: 10_000_000_000,
    maxFiles: 1000,
    group: 'staff',
    rights: { '/': 'read-only', '/incoming': 'list,write' },
    expiresAtMs: Date.UTC(2027, 0, 31, 18),
    networks: ['10.0.0.0/8', '2001:db8::1'],
    rateUp: 2 * 1024 * 1024,
    rateDown: 0,
  });
});

test('null takes a setting back; amounts can be numbers, rights one text', () => {
  const account = { quota: null, group: null, rights: null, expires: null, networks: null };
  expect(readAnswer(JSON.stringify({ ok: true, account }))).toEqual({
    quotaBytes: null,
    group: null,
    rights: null,
    expiresAtMs: null,
    networks: null,
  });
  expect(readAnswer('{"ok":true,"account":{"quota":5000,"rights":"upload-only"}}')).toEqual({
    quotaBytes: 5000,
    rights: { '/': 'upload-only' },
  });
});

test.each([
  ['', 'it is empty'],
  ['yes', 'it is not JSON'],
  ['{"ok":true}{"ok":true}', 'it is not JSON'],
  ['true', 'expected an object such as'],
  ['[{"ok":true}]', 'expected an object such as'],
  ['null', 'expected an object such as'],
  ['{}', '"ok" must be true or false'],
  ['{"ok":"true"}', '"ok" must be true or false'],
  ['{"ok":1}', '"ok" must be true or false'],
  ['{"ok":true,"user":"anna"}', 'unknown member "user"'],
  ['{"ok":false,"account":{}}', '"account" goes with "ok": true only'],
  ['{"ok":true,"account":null}', '"account" must be an object'],
  ['{"ok":true,"account":[]}', '"account" must be an object'],
  ['{"ok":true,"account":{"qouta":1}}', 'unknown member account.qouta; known are home'],
  ['{"ok":true,"account":{"__proto__":1}}', 'unknown member account.__proto__'],
  ['{"ok":true,"account":{"constructor":1}}', 'unknown member account.constructor'],
  ['{"ok":true,"account":{"quota":"much"}}', 'account.quota: "much"'],
  ['{"ok":true,"account":{"quota":-1}}', 'account.quota: "-1"'],
  ['{"ok":true,"account":{"quota":1.5}}', 'account.quota: expected a whole number'],
  ['{"ok":true,"account":{"quota":true}}', 'account.quota: expected a whole number'],
  ['{"ok":true,"account":{"maxFiles":"all"}}', 'account.maxFiles: "all"'],
  ['{"ok":true,"account":{"home":"anna"}}', 'account.home: "anna" is not an absolute path'],
  ['{"ok":true,"account":{"home":null}}', 'account.home: expected a text'],
  ['{"ok":true,"account":{"adoptHome":"yes"}}', 'account.adoptHome: expected true or false'],
  ['{"ok":true,"account":{"group":7}}', 'account.group: expected a text'],
  ['{"ok":true,"account":{"rights":"everything"}}', 'account.rights: Rights "everything"'],
  ['{"ok":true,"account":{"rights":{"in":"full"}}}', 'account.rights: Directory "in"'],
  ['{"ok":true,"account":{"rights":["full"]}}', 'rights must be an object'],
  ['{"ok":true,"account":{"expires":"30d"}}', 'account.expires: "30d" is not a date'],
  ['{"ok":true,"account":{"expires":"2027-02-30"}}', 'account.expires: "2027-02-30"'],
  ['{"ok":true,"account":{"expires":1800000000}}', 'account.expires: expected a text'],
  ['{"ok":true,"account":{"networks":[]}}', 'account.networks: the list is empty'],
  ['{"ok":true,"account":{"networks":"10.0.0.0/99"}}', 'account.networks: '],
  ['{"ok":true,"account":{"rateUp":"5"}}', 'account.rateUp: "5" is slower'],
])('%s lets nobody in', (text, reason) => {
  expect(() => readAnswer(text)).toThrow(reason);
});
