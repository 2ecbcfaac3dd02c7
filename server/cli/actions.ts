/** Actions of the commands. They are passed in, so that each loads its code only when it runs. */
export interface Actions {
  serve(flags: Flags): Promise<void>;
  printConfig(flags: Flags): Promise<void>;
  user(verb: UserVerb, request: Request): Promise<void>;
  invite(verb: InviteVerb, request: Request): Promise<void>;
  root(request: Request): Promise<void>;
  backup(request: Request): Promise<void>;
  restore(request: Request): Promise<void>;
  audit(request: Request): Promise<void>;
  doctor(request: Request): Promise<void>;
  ping(request: Request): Promise<void>;
  group(verb: GroupVerb, request: Request): Promise<void>;
  folder(verb: FolderVerb, request: Request): Promise<void>;
  ban(verb: BanVerb, request: Request): Promise<void>;
  hooks(verb: HookVerb, request: Request): Promise<void>;
  passwordCheck(verb: PasswordCheckVerb, request: Request): Promise<void>;
  session(verb: SessionVerb, request: Request): Promise<void>;
  trash(verb: TrashVerb, request: Request): Promise<void>;
  retention(verb: RetentionVerb, request: Request): Promise<void>;
  importAccounts(request: Request): Promise<void>;
}

type Flags = Readonly<Record<string, string | undefined>>;
export type UserVerb =
  | 'add'
  | 'list'
  | 'show'
  | 'passwd'
  | 'quota'
  | 'cut-uploads'
  | 'keep-deleted'
  | 'mode'
  | 'rights'
  | 'limits'
  | 'expire'
  | 'must-change'
  | 'group'
  | 'networks'
  | 'rate'
  | 'retention'
  | 'enable'
  | 'disable'
  | 'remove'
  | 'recount';
export type SessionVerb = 'who' | 'kick' | 'drain' | 'reload' | 'top';
export type GroupVerb = 'add' | 'list' | 'show' | 'rights' | 'limits' | 'retention' | 'remove';
export type FolderVerb = 'add' | 'list' | 'share' | 'unshare' | 'remove';
export type BanVerb = 'add' | 'list' | 'remove';
export type HookVerb = 'list' | 'retry' | 'test';
export type PasswordCheckVerb = 'test';
export type TrashVerb = 'list' | 'restore' | 'empty';
export type RetentionVerb = 'run';
export type InviteVerb = 'create' | 'list' | 'revoke';

/** A command of the administrator as it was written. */
export interface Request {
  readonly flags: Flags;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}
