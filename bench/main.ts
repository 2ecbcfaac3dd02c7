import { writeFileSync } from 'node:fs';
import { bulkTransfer, tlsBulk } from './bulk-transfer.ts';
import { clientSmallFiles, tlsClientSmallFiles } from './client-small-files.ts';
import { clientStart } from './client-start.ts';
import { clientTransfer, tlsClientTransfer } from './client-transfer.ts';
import { clientTree } from './client-tree.ts';
import { coldStart } from './cold-start.ts';
import { fairness } from './fairness.ts';
import { type BenchOptions, readOptions, usage } from './harness/bench-options.ts';
import { MIB } from './harness/format.ts';
import { describeMachine } from './harness/machine.ts';
import { compilePrograms, type Programs } from './harness/programs.ts';
import type { Question } from './harness/question.ts';
import { reportJson } from './harness/report-json.ts';
import { reportFailures, reportTable } from './harness/report-table.ts';
import { type Participant, runQuestion, type ScenarioReport } from './harness/run-question.ts';
import { makeSources } from './harness/served-files.ts';
import type { Certificate } from './harness/server-kind.ts';
import { makeCertificate, TLS_DESCRIPTION } from './harness/tls.ts';
import { Workspace } from './harness/workspace.ts';
import { idleMemory } from './idle-memory.ts';
import { listings } from './listings.ts';
import { logins, tlsLogins } from './logins.ts';
import { memoryStalled, tlsMemoryStalled } from './memory-stalled.ts';
import { allServers, chosenServers } from './peers/all-servers.ts';
import { smallCommands } from './small-commands.ts';
import { smallFiles, tlsSmallFiles } from './small-files.ts';

const questions = [
  bulkTransfer,
  smallFiles,
  smallCommands,
  coldStart,
  listings,
  logins,
  idleMemory,
  memoryStalled,
  tlsMemoryStalled,
  fairness,
  tlsBulk,
  tlsSmallFiles,
  tlsLogins,
  clientSmallFiles,
  tlsClientSmallFiles,
  clientTransfer,
  tlsClientTransfer,
  clientStart,
  clientTree,
];

/** Files beside the large ones: listings, small files, databases and logs. */
const OTHER_FILES_BYTES = 512 * MIB;

/** The large file itself and four uploads of it. */
const BULK_FILE_COPIES = 5;

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = readOptions(args);
    checkNames('--only', options.only, questions);
    checkNames('--servers', options.servers, allServers);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${usage}`);
    return EXIT_USAGE;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    return await runBench(options);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return EXIT_FAILURE;
  }
}

/** Runs what is asked for; whatever happens, servers are ended and files removed. */
async function runBench(options: BenchOptions): Promise<number> {
  if (process.platform !== 'linux') throw new Error('The bench reads /proc and needs Linux.');
  const neededBytes = options.scale.bulkBytes * BULK_FILE_COPIES + OTHER_FILES_BYTES;
  const workspace = new Workspace({ neededBytes });
  const started = new Set<{ stopSoon(): void }>();
  const cleanUp = () => {
    for (const one of started) one.stopSoon();
    workspace.remove();
  };
  exitOnSignals();
  process.once('exit', cleanUp);
  const machine = describeMachine(workspace);
  print(machine);
  const participants = await findParticipants(options.servers);
  const programs = await compilePrograms(workspace.programsPath);
  const asked = questions.filter(
    ({ name }) => options.only.length === 0 || options.only.includes(name),
  );
  const certificate = await prepareTls(asked, programs, participants, workspace.programsPath);
  const runOptions = {
    programs,
    certificate,
    scale: options.scale,
    rounds: options.rounds,
    sourcesPath: makeSources(workspace.filesPath),
    parentPath: workspace.filesPath,
    onStarted: (one: { stopSoon(): void }) => started.add(one),
    onProgress: showProgress,
  };
  const reports: ScenarioReport[] = [];
  for (const question of asked) {
    if (question.isOverTls && certificate === undefined) continue;
    const able = participants.filter(
      ({ kind }) => !question.isOverTls || kind.lackOfTls?.() === undefined,
    );
    for await (const report of runQuestion(question, { ...runOptions, participants: able })) {
      showProgress('');
      print('', reportTable(report), ...reportFailures(report));
      reports.push(report);
    }
  }
  if (options.jsonPath !== undefined) {
    writeFileSync(options.jsonPath, reportJson({ machine, participants, reports }));
  }
  return reports.some((report) => reportFailures(report).length > 0) ? EXIT_FAILURE : 0;
}

/** Says who takes part and who cannot. */
async function findParticipants(wanted: readonly string[]): Promise<Participant[]> {
  const participants: Participant[] = [];
  for (const kind of chosenServers(wanted)) {
    const installation = await kind.find();
    if ('missing' in installation) {
      print(`skipped: ${kind.name} ${installation.missing}`);
      continue;
    }
    const { version, programPath } = installation;
    print(`${kind.name} ${version} (login: ${kind.loginCheck})`);
    participants.push({ kind, programPath, version });
  }
  return participants;
}

/**
 * Makes the certificate if something is asked over TLS, and says what that is like and who cannot take part;
 * undefined if nothing can be asked over TLS.
 */
async function prepareTls(
  asked: readonly Question[],
  programs: Programs,
  participants: readonly Participant[],
  directoryPath: string,
): Promise<Certificate | undefined> {
  const overTls = asked.filter(({ isOverTls }) => isOverTls);
  if (overTls.length === 0) return undefined;
  const certificate = programs.clientKnowsTls
    ? await makeCertificate(directoryPath)
    : { missing: 'needs the headers of OpenSSL (apt install libssl-dev)' };
  if ('missing' in certificate) {
    print(...overTls.map(({ name }) => `skipped: ${name} ${certificate.missing}`));
    return undefined;
  }
  print(`over TLS: ${TLS_DESCRIPTION}`);
  for (const { kind } of participants) {
    const lack = kind.lackOfTls?.();
    if (lack !== undefined) print(`skipped over TLS: ${kind.name} ${lack}`);
  }
  return certificate;
}

/** @throws Error if a name is not among `known`. */
function checkNames(
  flag: string,
  names: readonly string[],
  known: readonly { readonly name: string }[],
): void {
  const unknown = names.find((name) => !known.some((one) => one.name === name));
  if (unknown === undefined) return;
  const choices = known.map(({ name }) => name).join(', ');
  throw new Error(`${flag}: "${unknown}" is not one of ${choices}.`);
}

/** The work is done by the exit listener. */
function exitOnSignals(): void {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  process.once('SIGHUP', () => process.exit(129));
}

function print(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** One line on a terminal that the next one replaces; nothing elsewhere. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
