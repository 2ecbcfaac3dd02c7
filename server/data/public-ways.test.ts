import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { silentLogs } from '../logging/logging.ts';
import { assumeRelease } from '../system/node-internals.ts';
import { TestServer } from '../testing/test-server.ts';

// The tests of uploads once more, as on a release of Node whose private interfaces nobody has tried.
beforeAll(() => assumeRelease('999.0.0'));
afterAll(() => assumeRelease(process.versions.node));

import '../../tests/tls/truncation.test.ts';
import '../../tests/tls/uploads.test.ts';
import '../transfer/block-mode.test.ts';
import './receive.test.ts';
import '../transfer/upload-conflicts.test.ts';
import '../transfer/upload-reset.test.ts';
import '../transfer/upload.test.ts';

test('the start of the server logs one line on such a release', async () => {
  const lines: { node: string; tested: number[]; msg: string }[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  const log = pino({ level: 'warn' }, { write });
  await (await TestServer.start({ logs: { ...silentLogs(), server: log } })).dispose();
  const said = lines.filter(({ msg }) => msg.includes('untested release of node'));
  expect(said).toEqual([expect.objectContaining({ node: '999.0.0', tested: [22, 24, 26] })]);
});
