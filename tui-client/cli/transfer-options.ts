import { type Command, Option } from 'commander';
import { byteRate, gathered, wholeNumber } from './values.ts';

const MAX_JOBS = 32;

/** Options of get and put. */
export function transferring(command: Command): Command {
  const policies = ['resume', 'overwrite', 'skip', 'newer', 'keepBoth'];
  const policy = (flag: string, name: string, description: string) =>
    new Option(flag, description).conflicts(policies.filter((other) => other !== name));
  command
    .optionsGroup('If the target exists (default: fail):')
    .addOption(
      policy('--resume', 'resume', 'resume if it is the beginning of the source, else fail'),
    )
    .addOption(policy('--overwrite', 'overwrite', 'replace it'))
    .addOption(policy('--skip', 'skip', 'keep it'))
    .addOption(policy('--newer', 'newer', 'replace it if the source is newer'))
    .addOption(policy('--keep-both', 'keepBoth', 'save the copy under another name'));
  return mirroring(command);
}

/** What a mirror may delete. */
export function deleting(command: Command): Command {
  return command
    .option('--delete', 'delete extra files at the target, up to half of its entries')
    .option('--delete-all', 'like --delete, without the limit, and even if the source is empty')
    .addOption(
      new Option(
        '--max-delete <n>',
        'delete at most this number of entries, instead of half',
      ).argParser(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
    );
}

/** Options of commands that copy trees. */
export function mirroring(command: Command): Command {
  return copying(command)
    .option('--follow-links', 'follow symbolic links in directories, instead of skipping them')
    .option('-n, --dry-run', 'show what would be done, and change nothing');
}

/** Options of all transfers. */
export function copying(command: Command): Command {
  return command
    .optionsGroup('Transfer:')
    .addOption(
      new Option('--jobs <n>', 'number of parallel transfers (3, or from settings.toml)').argParser(
        wholeNumber(1, MAX_JOBS),
      ),
    )
    .addOption(
      new Option('--exclude <glob>', 'exclude names that match; repeatable').argParser(gathered),
    )
    .addOption(rateOption('rate limit for all transfers, such as 500k or 2M, or "none"'))
    .option('--no-verify', 'do not compare checksums');
}

export function rateOption(description: string): Option {
  return new Option('--limit-rate <rate>', description).argParser(byteRate);
}
