import { afterEach, expect, test } from '@jest/globals';
import { draw, endDrawnScreens } from '../testing/drawn-screen.tsx';
import { widthOf } from '../text/text-width.ts';
import { Header, type HeaderProps, headerRow } from './header.tsx';
import { makeTheme } from './theme.ts';

afterEach(endDrawnScreens);

const GIB = 1024 ** 3;

const props: HeaderProps = {
  theme: makeTheme({ env: {} }),
  width: 80,
  title: 'work',
  account: 'alice@ftp.example.org',
  security: 'tls',
  protocol: 'TLS 1.3',
  trouble: undefined,
  quota: { usedBytes: 3.2 * GIB, limitBytes: 10 * GIB },
  hint: 'a:log',
};

async function lineOf(given: HeaderProps): Promise<string | undefined> {
  return (await draw(<Header {...given} />, { columns: given.width, rows: 1 }).lines())[0];
}

test('where, who, how safely, and the quota', async () => {
  expect(await lineOf(props)).toBe(
    ' work  alice@ftp.example.org  TLS 1.3      3.2 G of 10 G ███░░░░░░░ 32 %  a:log',
  );
});

test('with less room the gauge goes, then the quota', async () => {
  expect(await lineOf({ ...props, width: 62 })).toMatch(/TLS 1\.3 +3\.2 G of 10 G {2}32 %$/);
  expect(await lineOf({ ...props, width: 50 })).toBe(' work  alice@ftp.example.org  TLS 1.3');
});

test('a connection in clear and a lost one are said in words', async () => {
  expect(await lineOf({ ...props, security: 'clear' })).toContain('! not encrypted');
  expect(await lineOf({ ...props, trouble: 'trying again in 4 s', quota: undefined })).toContain(
    '✗ trying again in 4 s',
  );
});

test('a quota of nothing is full', async () => {
  expect(await lineOf({ ...props, quota: { usedBytes: 0, limitBytes: 0 } })).toContain('100 %');
});

test('it has the width at any size', () => {
  for (let width = 1; width <= 200; width++) {
    expect(widthOf(headerRow({ ...props, width, title: '写真' }))).toBe(width);
  }
});
