import { acquireLock } from '../data-lock.ts';

/** A process that takes the lock of a directory, says so, and keeps it until it is killed. */
const [directory = '', kind = 'server'] = process.argv.slice(2);
await acquireLock({
  directory,
  setting: '--data',
  holder: {
    kind: kind === 'command' ? 'command' : 'server',
    version: '1.2.3',
    dataDir: directory,
    rootDir: directory,
  },
});
process.stdout.write('locked\n');
setInterval(() => {}, 60_000);
