import { describe, expect, test } from '@jest/globals';
import { ok, problem, unchecked, warning } from './finding.ts';
import { countFindings, findingJson, findingText, summaryText, titleText } from './report.ts';

const SITE = {
  id: 'x',
  name: undefined,
  host: '2001:db8::7',
  port: 2121,
  tls: 'explicit',
  username: 'anna',
  remotePath: undefined,
  localPath: undefined,
} as const;

describe('a report', () => {
  test('begins with what is examined', () => {
    expect(titleText(SITE)).toBe('[2001:db8::7]:2121, explicit TLS, as anna');
  });

  test('has a line for each finding, with what to do below', () => {
    const finding = problem('pasv-address', 'network', { text: 'Wrong.', remedy: 'Correct it.' });
    expect(findingText(finding)).toBe(
      'problem    pasv-address  Wrong.\n                         Correct it.',
    );
    expect(findingText(ok('name', 'Good.'))).toBe('ok         name          Good.');
  });

  test('shows nothing of a server that could control the terminal', () => {
    const text = findingText(ok('greeting', '220 \x1b[2J\u202e'));
    for (const character of ['\x1b', '\u202e']) expect(text).not.toContain(character);
  });

  test('gives programs the kind and the values', () => {
    const finding = problem('tls', 'trust', { text: 'No.', facts: { port: 21 } });
    expect(findingJson(finding)).toEqual({
      ...{ type: 'check', check: 'tls', state: 'problem', text: 'No.', kind: 'trust', port: 21 },
      remedy: undefined,
    });
  });

  test('ends with how many there are of each', () => {
    const findings = [
      ok('name', ''),
      warning('epsv-data', { text: '', remedy: '' }),
      unchecked('login', ''),
    ];
    const counts = countFindings(findings);
    expect(summaryText(counts)).toBe('1 ok, 1 warning, 0 problems, 1 unchecked.');
  });
});
