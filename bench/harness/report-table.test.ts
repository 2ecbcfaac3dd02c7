import { describe, expect, test } from '@jest/globals';
import type { Scenario } from './question.ts';
import { ratio, reportFailures, reportTable } from './report-table.ts';
import type { Outcome } from './run-question.ts';

const listing: Scenario = {
  title: 'LIST',
  better: 'less',
  columns: [
    { title: 'ms', fractionDigits: 1 },
    { title: 'CPU ms', fractionDigits: 0 },
  ],
  measure: async () => undefined,
};

const outcomes = new Map<string, Outcome>([
  [
    'myftp',
    {
      kind: 'measured',
      rounds: [
        [5, 1],
        [4, 3],
        [90, 2],
      ],
    },
  ],
  ['vsftpd', { kind: 'measured', rounds: [[20, 8]] }],
  ['pure-ftpd', { kind: 'measured', rounds: [[10, 9]] }],
  ['proftpd', { kind: 'failed', message: 'PASV: 425 no.' }],
  ['ftp-srv', { kind: 'not supported' }],
]);

describe('reportTable', () => {
  const lines = reportTable({ scenario: listing, outcomes }).split('\n');

  test('the first line says what is measured and what is better', () => {
    expect(lines[0]).toBe('LIST (less is better)');
  });

  test('medians are compared with the best peer and with vsftpd', () => {
    expect(lines[1]).toContain('vs best peer (pure-ftpd)');
    expect(lines[2]?.split(/ {2,}/)).toEqual([
      '',
      'myftp',
      '5.0',
      '4.0 to 90.0',
      '2',
      '2.00',
      '4.00',
    ]);
  });

  test('servers without figures are named', () => {
    expect(lines[5]).toContain('failed, see below');
    expect(lines[6]).toContain('not supported');
  });
});

test('a ratio above 1 is better, whatever the unit', () => {
  expect(ratio('more', 30, 10)).toBe(3);
  expect(ratio('less', 10, 30)).toBe(3);
});

test('failures carry their reasons', () => {
  expect(reportFailures({ scenario: listing, outcomes })).toEqual([
    '  proftpd failed: PASV: 425 no.',
  ]);
});
