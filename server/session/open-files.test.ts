import { describe, expect, test } from '@jest/globals';
import { StartError } from '../errors/start-error.ts';
import { openFilesLimit } from '../system/open-files-limit.ts';
import { OpenFiles, requireOpenFiles } from './open-files.ts';

describe('requireOpenFiles', () => {
  const start = (maxSessions: number, limit: number | undefined) => () =>
    requireOpenFiles({ maxSessions }, limit);

  test('lets a server start that has files enough, or is not told', () => {
    expect(start(1000, 1096)).not.toThrow();
    expect(start(160, 256)).not.toThrow();
    expect(start(1000, undefined)).not.toThrow();
  });

  test('names the setting, the limit and both remedies', () => {
    expect(start(1000, 256)).toThrow(StartError);
    expect(start(1000, 256)).toThrow(
      '--max-sessions 1000 needs 1096 open files at least, and the system permits 256: raise the limit (ulimit -n, or LimitNOFILE= of the service), or set --max-sessions to 160 or less.',
    );
    expect(start(1, 64)).toThrow(/LimitNOFILE= of the service\)\.$/);
  });
});

test('the limit of this process is known', () => {
  expect(openFilesLimit()).toBeGreaterThan(64);
});

test('files are counted at most ten times a second, and connections in between', () => {
  let nowMs = 0;
  const files = new OpenFiles({ now: () => nowMs });
  expect(files.areShort).toBe(false);
  const limit = openFilesLimit() ?? 0;
  for (let count = 0; count < limit; count += 1) files.areShort;
  expect(files.areShort).toBe(true);
  nowMs = 100;
  expect(files.areShort).toBe(false);
});
