/**
 * Order of the test files. Without times of an earlier run, as on a fresh machine, Jest goes by the size of files, and the
 * longest test would run alone at the end.
 */
import sequencer from '@jest/test-sequencer';

// The package exports the class as an ES module, and declares it as one of CommonJS.
const Sequencer = sequencer as unknown as typeof sequencer.default;

/** Longest first. */
const BEGIN_WITH = [
  'tests/crash/crash.test.ts',
  'tests/tls/unread-octets.test.ts',
  'tui-client/cli/commands.test.ts',
  'tui-client/cli/links-over-peers.test.ts',
  'tui-client/cli/empty-directories.test.ts',
];

type Tests = Parameters<sequencer.default['sort']>[0];

export default class LongestFirst extends Sequencer {
  override async sort(tests: Tests): Promise<Tests> {
    const sorted = await super.sort(tests);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ path }: Tests[number]): number {
  const index = BEGIN_WITH.findIndex((name) => path.endsWith(name));
  return index === -1 ? BEGIN_WITH.length : index;
}
