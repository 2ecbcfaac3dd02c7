import { expect, test } from '@jest/globals';
import { processorMs } from '../../../tests/processor-time.ts';
import { GapFinder } from '../../files/listing.ts';
import { ListReader } from './list-reader.ts';

function read(...lines: readonly string[]) {
  const gaps = new GapFinder();
  const reader = new ListReader(gaps);
  const entries = lines.flatMap((line) => reader.read(line) ?? []);
  reader.end();
  return { entries, gaps: gaps.gaps };
}

test.each([
  ['-rw-r--r-- 1 root root 17 Jan 01  2020  leading', { name: ' leading', kind: 'file' }],
  [
    '-rw-r--r-- 1 root root 17 Jan 01  2020 one\u2028two\u2029 three',
    { name: 'one\u2028two\u2029 three', kind: 'file' },
  ],
  [
    'lrwxrwxrwx 1 root root 4 Jan 01  2020 one\u2028 -> /two\u2029',
    { name: 'one\u2028', kind: 'link', linkTarget: '/two\u2029' },
  ],
  ['brw-rw---- 1 root disk 8, 0 Jan 01 10:00 sda', { name: 'sda', kind: 'other' }],
  ['drwxr-xr-x+ 2 root root 4096 Jan 01 10:00 acl', { name: 'acl', kind: 'directory' }],
  [
    'lrwxrwxrwx 1 root root 4 Jan 01  2020 link -> /etc',
    { name: 'link', kind: 'link', linkTarget: '/etc' },
  ],
  ['05-06-20  03:14PM                   99 a.txt', { name: 'a.txt', sizeBytes: 99 }],
  ['   05-06-2020  15:14             1,234,567 a b', { name: 'a b', sizeBytes: 1_234_567 }],
  ['2020-05-06  15:14       <DIR>          dir', { name: 'dir', kind: 'directory' }],
  [
    '05-06-20  03:14PM    <JUNCTION>     Data [C:\\Old]',
    { name: 'Data', kind: 'link', linkTarget: 'C:\\Old' },
  ],
  ['05-06-20  03:14PM    <SYMLINKD>     Links', { name: 'Links', kind: 'link' }],
  ['+i8388621.48594,m825718503,r,s280,\tdjb.html', { sizeBytes: 280, modifiedMs: 825718503000 }],
  ['+i8388621.44468,m839956783,/,\t514', { name: '514', kind: 'directory' }],
  ['README.TXT;3   4/8   2-MAR-2026 14:11:09  [A,B] (RWED,RWED,RE,)', { name: 'README.TXT' }],
  ['DOCS.DIR;1     1     2-MAR-2026 14:11', { name: 'DOCS', kind: 'directory' }],
  ['d [RWCEAFMS] admin 512 Mar 02 14:11 dir', { name: 'dir', kind: 'directory' }],
  ['ANNA 77824 26/03/02 14:11:00 *DIR dev1/', { name: 'dev1', kind: 'directory' }],
  ['ANNA 77824 26/03/02 14:11:00 *FILE SRC', { name: 'SRC', kind: 'other' }],
  [
    'WEB3U1 3390   2026/03/02  1   15  FB      80 27920  PO-E  SYS1.LIB',
    { name: 'SYS1.LIB', kind: 'directory' },
  ],
])('%s', (line, expected) => {
  expect(read(line)).toMatchObject({ entries: [expected], gaps: undefined });
});

test.each([
  'total 12',
  'total 1.2G',
  '',
  '   ',
  'drwxr-xr-x 2 root root 4096 Jan 01 10:00 .',
  'drwxr-xr-x 2 root root 4096 Jan 01 10:00 ..',
  '05-06-20  03:14PM       <DIR>          ..',
  'Directory DISK$USER:[ANNA.DOCS]',
  'Total of 3 files, 12 blocks.',
  'Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname',
])('"%s" shows no entry, and hides none', (line) => {
  expect(read(line)).toEqual({ entries: [], gaps: undefined });
});

test.each([
  'file.txt',
  'ls: cannot open directory: Permission denied',
  '-rw-r--r-- 1 root root 17 Jan 01  2020 a/b',
  '-rw-r--r-- 1 root root 17 Jan 01  2020 ',
  '-rw-r--r-- 1 root root 17 Jan 01  2020 one\rtwo',
  'A_VERY_LONG_NAME.TXT;1',
  'README.TXT;1  %RMS-E-PRV, insufficient privilege or file protection violation',
])('"%s" is not understood', (line) => {
  expect(read(line)).toMatchObject({ entries: [], gaps: { lines: [line], lineCount: 1 } });
});

test('a long name of VMS has its facts on the next line', () => {
  const { entries, gaps } = read('A_LONG_NAME.TXT;1', '      4/8   2-MAR-2026 14:11');
  expect(entries).toMatchObject([{ name: 'A_LONG_NAME.TXT' }]);
  expect(gaps).toBeUndefined();
});

test.each([
  ' '.repeat(16_000),
  '1 '.repeat(8000),
  `-rw-r--r-- 1 ${'a '.repeat(8000)}`,
  `A;1 ${'1 '.repeat(8000)}`,
  `- [R] ${'a '.repeat(8000)}`,
  `05-06-20  03:14PM  <JUNCTION> ${'a ['.repeat(5000)}`,
  `A;1 1 1-JAN-2000 ${'[a] '.repeat(4000)}`,
])('a hostile line takes no time (%#)', async (line) => {
  expect(await processorMs(() => read(line))).toBeLessThan(500);
});
