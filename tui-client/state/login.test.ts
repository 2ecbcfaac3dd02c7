import { describe, expect, test } from '@jest/globals';
import type { Site } from '../sites/site.ts';
import { focusedEntry, formValue } from './form.ts';
import { type Login, type LoginEvent, loginRequest, newLogin, updateLogin } from './login.ts';

const WORK: Site = {
  id: 'work',
  name: 'work',
  host: 'ftp.example.org',
  port: 2121,
  tls: 'none',
  username: 'alice',
  remotePath: '/www',
  localPath: undefined,
};

function updated(...events: readonly LoginEvent[]): Login {
  return events.reduce(
    updateLogin,
    newLogin({ localPath: '/home/alice/here', home: '/home/alice' }),
  );
}

function filledIn(name: string, value: string): LoginEvent {
  return { type: 'form', event: { type: 'filledIn', name, value } };
}

test('the list has the focus once there are sites, and never without', () => {
  expect(updated().part).toBe('form');
  expect(updated({ type: 'partChanged', part: 'sites' }).part).toBe('form');
  expect(updated({ type: 'sitesLoaded', sites: [WORK] }).part).toBe('sites');
});

test('what is below the home is shown with a tilde', () => {
  const at = (localPath: string) => {
    const { form } = updated({ type: 'siteShown', site: { ...WORK, localPath } });
    return formValue(form, 'localPath');
  };
  expect(formValue(updated().form, 'localPath')).toBe('~/here');
  expect([at('/home/alice'), at('/home/alice/www'), at('/home/alice2')]).toEqual([
    ...['~', '~/www', '/home/alice2'],
  ]);
});

test('a site fills the form in, but for the password', () => {
  const { form } = updated(filledIn('password', 'other'), { type: 'siteShown', site: WORK });
  expect(loginRequest(form)).toEqual({
    site: { ...WORK, id: 'alice@ftp.example.org:2121', name: undefined },
    password: '',
    keepsPassword: false,
  });
});

test('settings for an unusual server come from the site and go back to it', () => {
  const wire = { usesPasv: true, encoding: 'windows-1251', timeOffsetMinutes: -210 };
  const { form } = updated({ type: 'siteShown', site: { ...WORK, ...wire } });
  expect(formValue(form, 'timeOffset')).toBe('-03:30');
  expect(loginRequest(form)).toMatchObject({ site: wire });
  const { form: usual } = updated({ type: 'siteShown', site: WORK });
  for (const name of Object.keys(wire)) {
    expect(loginRequest(usual)).not.toHaveProperty(`site.${name}`);
  }
});

test.each([
  ['encoding', 'klingon'],
  ['timeOffset', '2pm'],
])('a wrong value of %s is named', (name, value) => {
  const { form } = updated({ type: 'siteShown', site: WORK }, filledIn(name, value));
  expect(loginRequest(form)).toMatchObject({ wrong: name });
});

describe('the port', () => {
  const implicit: LoginEvent[] = [
    { type: 'form', event: { type: 'focused', name: 'tls' } },
    { type: 'form', event: { type: 'turned', by: 1 } },
  ];

  test('follows the kind of security', () => {
    expect(formValue(updated(...implicit).form, 'port')).toBe('990');
  });

  test('stays as it was typed', () => {
    expect(formValue(updated(filledIn('port', '2121'), ...implicit).form, 'port')).toBe('2121');
  });
});

test.each([
  ['host', ''],
  ['host', 'two words'],
  ['port', '0'],
  ['port', '70000'],
  ['port', 'ftp'],
])('%s cannot be "%s"', (name, value) => {
  const { form } = updated(filledIn('host', 'ftp.example.org'), filledIn(name, value));
  expect(loginRequest(form)).toMatchObject({ wrong: name });
});

test('nobody is anonymous', () => {
  const request = loginRequest(updated(filledIn('host', 'ftp.example.org')).form);
  expect(request).toMatchObject({ site: { username: 'anonymous' } });
});

test('an account is offered unless the server is known to have no sign-up', () => {
  const namesAfter = (...events: readonly LoginEvent[]) =>
    updated(...events).form.entries.map(({ name }) => name);
  const buttons = ['connect', 'signUp', 'save'];
  const missed: readonly LoginEvent[] = [
    { type: 'siteShown', site: WORK },
    { type: 'form', event: { type: 'focused', name: 'signUp' } },
    { type: 'signUpMissed', site: WORK },
  ];
  expect(namesAfter().slice(-3)).toEqual(buttons);
  expect(namesAfter(...missed).slice(-3)).toEqual(['timeOffset', 'connect', 'save']);
  expect(focusedEntry(updated(...missed).form)?.name).toBe('connect');
  expect(namesAfter(...missed, filledIn('port', '21')).slice(-3)).toEqual(buttons);
});

test('a failure is told and ends the attempt', () => {
  const login = updated(
    { type: 'connecting', message: 'Connecting' },
    { type: 'failed', message: '530 Wrong password.' },
  );
  expect(login).toMatchObject({
    isConnecting: false,
    message: '530 Wrong password.',
    tone: 'bad',
  });
});
