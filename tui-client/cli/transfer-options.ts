import { type Command, Option } from 'commander';
import { byteRate, gathered, wholeNumber } from './values.ts';

const MAX_JOBS = 32;

/** Options of get and put. */
export function transferring(command: Command): Command {
  const policies = ['resume', 'overwrite', 'skip', 'newer', 'keepBoth'];
  const policy = (flag: string, name: string, description: string) =>
    new Option(flag, description).conflicts(policies.filter((other) => other !== name));
  command
    .optionsGroup('If the target exists (else it is a failure):')
    .addOption(
      policy('--resume', 'resume', 'carry on if it is a beginning of the source, else fail'),
    )
    .addOption(policy('--overwrite', 'overwrite', 'replace it'))
    .addOption(policy('--skip', 'skip', 'leave it'))
    .addOption(policy('--newer', 'newer', 'replace it if the source is newer'))
    .addOption(policy('--keep-both', 'keepBoth', 'give the copy another name'));
  return mirroring(command);
}

/** What a mirror may delete. */
export function deleting(command: Command): Command {
  return command
    .option('--delete', 'delete what the other has not, up to half of its entries')
    .option('--delete-all', 'the same without that limit, and if the source is empty')
    .addOption(
      new Option('--max-delete <n>', 'most entries to delete, instead of half').argParser(
        wholeNumber(0, Number.MAX_SAFE_INTEGER),
      ),
    );
}

/** Options of commands that copy trees. */
export function mirroring(command: Command): Command {
  return copying(command)
    .option('--follow-links', 'copy what links below a directory lead to, instead of skipping them')
    .option('-n, --dry-run', 'only tell what would be done');
}

/** Options of all transfers. */
export function copying(command: Command): Command {
  return command
    .optionsGroup('Transfer:')
    .addOption(
      new Option('--jobs <n>', 'files at once (3, or as the settings say)').argParser(
        wholeNumber(1, MAX_JOBS),
      ),
    )
    .addOption(
      new Option('--exclude <glob>', 'leave out names like this; may be repeated').argParser(
        gathered,
      ),
    )
    .addOption(rateOption('octets a second in all, as 500k or 2M; or "none"'))
    .option('--no-verify', 'compare no checksums');
}

export function rateOption(description: string): Option {
  return new Option('--limit-rate <rate>', description).argParser(byteRate);
}
