import { describe, expect, test } from '@jest/globals';
import type { Site } from '../sites/site.ts';
import { focusedEntry, formValue } from './form.ts';
import { type Login, type LoginEvent, newLogin, updateLogin } from './login.ts';
import { loginRequest } from './login-request.ts';

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

test('sites that are read late do not take the focus from a form that is filled in', () => {
  const loaded: LoginEvent = { type: 'sitesLoaded', sites: [WORK] };
  expect(updated(filledIn('host', 'h'), loaded).part).toBe('form');
  const moved: LoginEvent = { type: 'form', event: { type: 'focusMoved', by: 1 } };
  expect(updated(moved, loaded).part).toBe('form');
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
  const site = { ...WORK, passiveHost: 'data.example.org' };
  const { form } = updated({ type: 'siteShown', site }, filledIn(name, value));
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

describe('the settings of a site', () => {
  const far: Site = {
    ...WORK,
    passiveHost: 'data.example.org',
    proxy: { kind: 'socks5', host: 'p.example', port: 1080, username: 'ben' },
    limitBytesPerSecond: 2 * 1024 * 1024,
  };
  const names = ({ form }: Login) => form.entries.map(({ name }) => name);
  const asked: readonly LoginEvent[] = [
    { type: 'form', event: { type: 'focused', name: 'more' } },
    { type: 'form', event: { type: 'turned', by: 1 } },
  ];

  test('are shown once they are asked for', () => {
    expect(names(updated())).toContain('more');
    const login = updated(...asked);
    expect(names(login).slice(-9)).toEqual([
      ...['passiveHost', 'proxy', 'limitRate', 'passive', 'encoding', 'timeOffset'],
      ...['connect', 'signUp', 'save'],
    ]);
    expect(focusedEntry(login.form)?.name).toBe('passiveHost');
  });

  test('of a site that has some are shown, and taken as they are', () => {
    const { form } = updated({ type: 'siteShown', site: far });
    expect(['passiveHost', 'proxy', 'limitRate'].map((name) => formValue(form, name))).toEqual([
      ...['data.example.org', 'socks5://ben@p.example:1080', '2M'],
    ]);
    const { passiveHost, proxy, limitBytesPerSecond } = far;
    expect(loginRequest(form)).toMatchObject({
      site: { passiveHost, proxy, limitBytesPerSecond },
    });
  });

  test('are taken away with their text', () => {
    const { form } = updated({ type: 'siteShown', site: far }, filledIn('proxy', ' '));
    const request = loginRequest(form, far);
    expect(request).toMatchObject({ site: { proxy: undefined, passiveHost: 'data.example.org' } });
  });

  test.each([
    ['proxy', 'h:1080', /Expected socks5/],
    ['limitRate', 'fast', /Give bytes per second/],
  ])('%s cannot be "%s"', (name, value, message) => {
    const { form } = updated({ type: 'siteShown', site: far }, filledIn(name, value));
    expect(loginRequest(form)).toEqual({ wrong: name, message: expect.stringMatching(message) });
  });

  test('that the form does not have stay with the host', () => {
    const login = updated({ type: 'siteShown', site: WORK });
    expect(loginRequest(login.form, far)).toMatchObject({ site: { proxy: far.proxy } });
    const elsewhere = updated({ type: 'siteShown', site: WORK }, filledIn('host', 'other'));
    expect(loginRequest(elsewhere.form, far)).not.toHaveProperty('site.proxy');
  });
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
  expect(namesAfter(...missed).slice(-3)).toEqual(['more', 'connect', 'save']);
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
