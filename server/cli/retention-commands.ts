import * as v from 'valibot';
import { askServer } from '../admin-socket/ask-server.ts';
import { describeSize, formatDuration } from '../config/units.ts';
import { CommandError } from '../errors/command-error.ts';
import { printable } from '../logging/printable.ts';
import type { RetentionVerb } from './actions.ts';
import type { AdministrationRequest } from './administration.ts';
import { momentText, textTable } from './text-table.ts';

type CommandRequest = Pick<AdministrationRequest, 'context' | 'settings' | 'options' | 'args'>;

/** To look at a million files takes a slow disk a quarter of an hour. */
const ANSWER_TIMEOUT_MS = 3_600_000;

const file = v.object({ path: v.string(), sizeBytes: v.number(), since: v.string() });

const rule = v.object({
  directory: v.string(),
  deleteAfterMs: v.number(),
  files: v.number(),
  bytes: v.number(),
  inUse: v.number(),
  failed: v.number(),
  directories: v.number(),
  unreadDirectories: v.number(),
  named: v.array(file),
});

const oldestFirst = v.object({
  directory: v.string(),
  files: v.number(),
  bytes: v.number(),
  inUse: v.number(),
  roomBytes: v.nullable(v.number()),
  roomFiles: v.nullable(v.number()),
  named: v.array(file),
});

const account = v.object({
  username: v.string(),
  problem: v.nullable(v.string()),
  rules: v.array(rule),
  /** A server of an earlier version leaves it out. */
  oldestFirst: v.optional(v.array(oldestFirst), []),
});

type Rule = v.InferOutput<typeof rule>;
type OldestFirst = v.InferOutput<typeof oldestFirst>;
type Account = v.InferOutput<typeof account>;

/** `myftp-server retention`: what the rules of accounts delete, on the server that runs. */
export const retentionCommands: Readonly<
  Record<RetentionVerb, (request: CommandRequest) => Promise<void>>
> = { run };

async function run(request: CommandRequest): Promise<void> {
  const { context, options } = request;
  const mode = options.dryRun === true ? 'look' : 'delete';
  const accounts = await ask(request, mode);
  if (options.json === true) {
    context.stdout.write(`${JSON.stringify(accounts, undefined, 2)}\n`);
  } else {
    context.stdout.write(accounts.length === 0 ? 'Nothing is old enough.\n' : '');
    for (const one of accounts) context.stdout.write(accountText(one, mode));
  }
  const problems = accounts.filter(hasFailed).length;
  if (problems > 0) {
    throw new CommandError(`Accounts with files that could not be deleted: ${problems}.`);
  }
}

/** @throws CommandError with the problem that the server reports. */
async function ask(
  { settings, args: [of] }: CommandRequest,
  mode: 'look' | 'delete',
): Promise<readonly Account[]> {
  const query = new URLSearchParams(of === undefined ? {} : { of });
  const answer = await askServer(settings.dataDir, {
    method: mode === 'look' ? 'GET' : 'POST',
    path: `/retention?${query}`,
    timeoutMs: ANSWER_TIMEOUT_MS,
  });
  const { problem } = v.parse(v.object({ problem: v.optional(v.string()) }), answer);
  if (problem !== undefined) throw new CommandError(problem);
  return v.parse(v.object({ accounts: v.array(account) }), answer).accounts;
}

function hasFailed({ problem, rules }: Account): boolean {
  return problem !== null || rules.some(({ failed }) => failed > 0);
}

function accountText(one: Account, mode: 'look' | 'delete'): string {
  const { username, problem, rules } = one;
  if (problem !== null) return `${username}: ${problem}\n`;
  const byAge = rules.map((rule) => ruleText(username, rule, mode));
  const whenFull = one.oldestFirst.map((rule) => oldestFirstText(username, rule));
  return [...byAge, ...whenFull].join('');
}

/** The sum of a rule and, before anything is deleted, the files. */
function ruleText(username: string, swept: Rule, mode: 'look' | 'delete'): string {
  const { directory, deleteAfterMs, files, bytes } = swept;
  const verb = mode === 'look' ? 'to delete' : 'deleted';
  const sum = `${count(files, 'file')} (${describeSize(bytes)}) ${verb}`;
  const reason = `unchanged for ${formatDuration(deleteAfterMs)}`;
  const head = `${username} ${printable(directory)}: ${sum}, ${reason}${remarks(swept)}.\n`;
  if (mode === 'delete' || files === 0) return head;
  return `${head}${namedText(swept)}`;
}

/** What goes only when there is no room, and how much there is. */
function oldestFirstText(username: string, look: OldestFirst): string {
  const { directory, files, bytes, inUse, roomBytes, roomFiles } = look;
  const sum = `${count(files, 'file')} (${describeSize(bytes)}) to delete`;
  const room = [
    roomBytes === null ? [] : describeSize(roomBytes),
    roomFiles === null ? [] : count(roomFiles, 'file'),
  ].flat();
  const reason = `the oldest first, when uploads need more than ${room.join(' or ')}`;
  const kept = inUse === 0 ? '' : `; in use, kept: ${inUse}`;
  return `${username} ${printable(directory)}: ${sum}, ${reason}${kept}.\n${namedText(look)}`;
}

function namedText({ files, named }: Pick<Rule, 'files' | 'named'>): string {
  const more = files > named.length ? `... and ${files - named.length} more\n` : '';
  return `${fileTable(named)}${more}`;
}

function remarks({ inUse, failed, directories, unreadDirectories }: Rule): string {
  const parts = [
    directories === 0 ? [] : `empty directories: ${directories}`,
    inUse === 0 ? [] : `in use, kept: ${inUse}`,
    failed === 0 ? [] : `not deleted, see the log: ${failed}`,
    unreadDirectories === 0 ? [] : `directories that cannot be read: ${unreadDirectories}`,
  ].flat();
  return parts.map((part) => `; ${part}`).join('');
}

function fileTable(files: Rule['named']): string {
  if (files.length === 0) return '';
  const rows = files.map(({ path, sizeBytes, since }) => [
    momentText(Date.parse(since)),
    describeSize(sizeBytes),
    printable(path),
  ]);
  return textTable(['UNCHANGED SINCE', 'SIZE', 'PATH'], rows);
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
