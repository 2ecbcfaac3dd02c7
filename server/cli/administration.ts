import { existsSync } from 'node:fs';
import path from 'node:path';
import { AccountBatch } from '../../db/account-insertion.ts';
import { AccountRepository } from '../../db/account-repository.ts';
import { AuditRepository } from '../../db/audit-repository.ts';
import { BanRepository } from '../../db/ban-repository.ts';
import { DataRootRepository } from '../../db/data-root-repository.ts';
import { DatabaseError } from '../../db/database-error.ts';
import { FolderRepository } from '../../db/folder-repository.ts';
import { GroupRepository } from '../../db/group-repository.ts';
import { HookRepository } from '../../db/hook-repository.ts';
import { InviteRepository } from '../../db/invite-repository.ts';
import { MemberRepository } from '../../db/member-repository.ts';
import { type Database, openDatabase } from '../../db/open-database.ts';
import { QuotaRepository } from '../../db/quota-repository.ts';
import { RecountRepository, type RecountResult } from '../../db/recount-repository.ts';
import { RetentionRepository } from '../../db/retention-repository.ts';
import { TrashRepository } from '../../db/trash-repository.ts';
import {
  AccountAdministration,
  type AccountDetails,
  UnknownAccountError,
} from '../accounts/account-administration.ts';
import { AccountGroups } from '../accounts/account-groups.ts';
import { ElsewhereHomes, HomeRefusedError } from '../accounts/elsewhere-homes.ts';
import { HomeDirectories } from '../accounts/home-directories.ts';
import { AccountImport } from '../accounts/import/import-accounts.ts';
import { Invites } from '../accounts/invites.ts';
import { PasswordHash } from '../accounts/password-hash.ts';
import { SharedFolders } from '../accounts/shared-folders.ts';
import { creationSettings } from '../config/creation-settings.ts';
import type { Settings } from '../config/settings.ts';
import type { CreationSettings } from '../disk/creation-rules.ts';
import { makeDirectory } from '../disk/make-directory.ts';
import { CommandError } from '../errors/command-error.ts';
import { ClientError } from '../errors/errors.ts';
import { FolderError } from '../errors/folder-errors.ts';
import { GroupError } from '../errors/group-errors.ts';
import { WrongFormError } from '../errors/wrong-form.ts';
import { measureAccount, type Places } from '../quota/quota-recount.ts';
import { isMissingOrEmpty } from '../start/data-root.ts';
import type { Request } from './actions.ts';
import { agreedRoot } from './agreed-root.ts';
import type { CommandContext, GivenRoot } from './command-context.ts';
import { migrateBesideServer } from './migrate-beside-server.ts';
import { recountBesideServer } from './recount-beside-server.ts';

/** A command of the administrator with all that it needs. */
export interface AdministrationRequest extends Request {
  readonly context: CommandContext;
  readonly settings: Settings;
  /** Undefined if no root was given. */
  readonly givenRoot: GivenRoot | undefined;
}

/** The database's services, as long as a command runs. */
export interface Administration {
  readonly accounts: AccountAdministration;
  readonly accountImport: AccountImport;
  readonly bans: BanRepository;
  readonly hooks: HookRepository;
  readonly groups: AccountGroups;
  readonly retention: RetentionRepository;
  readonly folders: SharedFolders;
  readonly invites: Invites;
  readonly auditEvents: Pick<AuditRepository, 'list' | 'reserveNumbers' | 'save'>;
  /**
   * The directory that holds the homes: the one that the server was last started with.
   *
   * @throws StartError if a setting names another one.
   */
  rootDir(): string;
  /**
   * The same, for a command that creates or deletes homes.
   *
   * @throws CommandError also if the root is missing or empty, as when its file system is not mounted.
   */
  requireRoot(): string;
  /**
   * Charges a new account for what its home holds already: the files of a removed account that had the
   * same name.
   *
   * @returns the bytes that it uses.
   */
  chargeForHome(account: AccountDetails): Promise<number>;
  /**
   * Sets the usage of an account to the size on disk.
   *
   * @throws CommandError if neither a server nor the command itself can do that.
   */
  recountAccount(account: AccountDetails): Promise<RecountResult>;
}

interface Opening extends Pick<AdministrationRequest, 'settings' | 'givenRoot'> {
  /** Whether the command creates a missing database, or reports it. */
  readonly ifMissing: 'create' | 'refuse';
}

/**
 * Opens the database, which a running server may have open, too, and closes it after `work`.
 *
 * @throws CommandError for every problem that the user can solve.
 */
export async function administer<Result>(
  opening: Opening,
  work: (administration: Administration) => Promise<Result>,
): Promise<Result> {
  const { settings, ifMissing } = opening;
  const file = path.join(settings.dataDir, 'myftp.db');
  prepareDirectory({ file, dataDir: settings.dataDir, ifMissing });
  try {
    const database = openDatabase(file);
    try {
      await migrateBesideServer(database.queries, settings);
      const rememberedRoot = await new DataRootRepository(database.queries).find();
      return await work(servicesOver({ ...opening, database, rememberedRoot }));
    } finally {
      await database.close();
    }
  } catch (error) {
    const isForUser =
      error instanceof ClientError ||
      error instanceof HomeRefusedError ||
      error instanceof UnknownAccountError ||
      error instanceof GroupError ||
      error instanceof FolderError ||
      error instanceof WrongFormError ||
      error instanceof DatabaseError;
    throw isForUser ? new CommandError(error.message, { cause: error }) : error;
  }
}

function prepareDirectory({
  file,
  dataDir,
  ifMissing,
}: {
  file: string;
  dataDir: string;
  ifMissing: Opening['ifMissing'];
}): void {
  if (existsSync(file)) return;
  if (ifMissing === 'refuse') {
    throw new CommandError(
      `--data: there is no database in ${dataDir}. Name the server's data directory; starting the server or adding an account makes one.`,
    );
  }
  try {
    makeDirectory(dataDir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`--data: cannot make the directory ${dataDir} (${code}).`, {
      cause: error,
    });
  }
}

interface OpenDatabase extends Opening {
  readonly database: ReturnType<typeof openDatabase>;
  readonly rememberedRoot: string | undefined;
}

function servicesOver(opened: OpenDatabase): Administration {
  const { queries } = opened.database;
  const { settings, givenRoot, rememberedRoot } = opened;
  const quotas = new QuotaRepository(queries);
  const rootDir = () =>
    agreedRoot({ remembered: rememberedRoot, givenRoot, otherwise: settings.rootDir });
  const requireRoot = () => {
    const root = rootDir();
    if (rememberedRoot !== undefined && isMissingOrEmpty(root)) throw rootMissing(root);
    return root;
  };
  return {
    accounts: accountsIn(opened),
    accountImport: accountImportIn(opened),
    bans: new BanRepository(queries),
    hooks: new HookRepository(queries),
    groups: new AccountGroups(new GroupRepository(queries)),
    retention: new RetentionRepository(queries),
    folders: foldersIn(opened),
    invites: new Invites({ invites: new InviteRepository(queries), now: Date.now }),
    auditEvents: new AuditRepository(queries),
    rootDir,
    requireRoot,
    async chargeForHome(account) {
      const { measurement } = await measureAccount(account, placesIn(rootDir(), opened.database));
      await quotas.setUsed(account.id, measurement);
      return measurement.bytes;
    },
    recountAccount(account) {
      return recountBesideServer(account, {
        recounts: new RecountRepository(queries),
        members: new MemberRepository(queries),
        quotas,
        places: placesIn(requireRoot(), opened.database),
        dataDir: settings.dataDir,
      });
    },
  };
}

function accountsIn({ database, settings, rememberedRoot }: OpenDatabase): AccountAdministration {
  const accounts = new AccountRepository(database.queries);
  return new AccountAdministration({
    accounts,
    ...homesIn({ accounts, settings, rememberedRoot }),
    quotas: new QuotaRepository(database.queries),
    defaults: { ...defaultsIn(settings), passwords: new PasswordHash({ now: Date.now }) },
  });
}

function foldersIn({ database, settings, rememberedRoot }: OpenDatabase): SharedFolders {
  const { quotaBytes, maxFiles } = settings;
  const rootDir = rememberedRoot ?? settings.rootDir;
  const accounts = new AccountRepository(database.queries);
  return new SharedFolders({
    folders: new FolderRepository(database.queries),
    groups: new GroupRepository(database.queries),
    homes: new HomeDirectories(rootDir),
    elsewhere: new ElsewhereHomes(accounts, { ...settings, rootDir }),
    ...{ accounts, rootDir },
    defaults: { now: Date.now, quotaBytes, maxFiles, creation: creationIn(settings) },
  });
}

function accountImportIn({ database, settings, rememberedRoot }: OpenDatabase): AccountImport {
  const accounts = new AccountRepository(database.queries);
  return new AccountImport({
    accounts,
    ...homesIn({ accounts, settings, rememberedRoot }),
    batch: new AccountBatch(database.queries),
    groups: new AccountGroups(new GroupRepository(database.queries)),
    defaults: defaultsIn(settings),
  });
}

function homesIn({
  accounts,
  settings,
  rememberedRoot,
}: Pick<OpenDatabase, 'settings' | 'rememberedRoot'> & { accounts: AccountRepository }) {
  const rootDir = rememberedRoot ?? settings.rootDir;
  return {
    homes: new HomeDirectories(rootDir),
    elsewhere: new ElsewhereHomes(accounts, { ...settings, rootDir }),
  };
}

function defaultsIn(settings: Settings) {
  const { quotaBytes, maxFiles } = settings;
  return { now: Date.now, quotaBytes, maxFiles, creation: creationIn(settings) };
}

function creationIn(settings: Settings): CreationSettings {
  try {
    return creationSettings(settings);
  } catch (error) {
    if (!(error instanceof WrongFormError)) throw error;
    throw new CommandError(`--owner ${settings.owner}: ${error.message}`, { cause: error });
  }
}

function placesIn(rootDir: string, { queries }: Pick<Database, 'queries'>): Places {
  const trash = new TrashRepository(queries);
  const trashBytes = (accountId: number) => trash.chargedBytes(accountId);
  return { rootDir, trashBytes };
}

/** Files that come back with the disk would belong to the next account of that name. */
function rootMissing(rootDir: string): CommandError {
  return new CommandError(
    `${rootDir}, which holds the files of the accounts, is missing or empty. Mount its file system first.`,
  );
}
