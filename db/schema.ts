import type { Generated } from 'kysely';

/** The tables as migrations/ leaves them. Truth values are 0 and 1, times are milliseconds of Unix time. */
export interface Schema {
  account: AccountTable;
  account_group: AccountGroupTable;
  audit_event: AuditEventTable;
  ban: BanTable;
  data_root: DataRootTable;
  folder: FolderTable;
  folder_mount: FolderMountTable;
  hook_delivery: HookDeliveryTable;
  invite: InviteTable;
  member: MemberTable;
  partial: PartialTable;
  quota: QuotaTable;
  quota_escrow: QuotaEscrowTable;
  receipt_number: ReceiptNumberTable;
  recount_request: RecountRequestTable;
  retired_home: RetiredHomeTable;
  trash_item: TrashItemTable;
}

interface AccountTable {
  id: Generated<number>;
  username: string;
  /** Empty if another system keeps the password. */
  password_hash: string;
  home: string;
  enabled: Generated<number>;
  created_at_ms: number;
  last_login_at_ms: number | null;
  cut_uploads: 'keep' | 'publish' | null;
  keep_deleted_ms: number | null;
  umask: number | null;
  file_mode: number | null;
  directory_mode: number | null;
  owner_uid: number | null;
  owner_gid: number | null;
  home_path: string | null;
  home_id: string | null;
  group_id: number | null;
  access: string | null;
  expires_at_ms: number | null;
  must_change_password: Generated<number>;
  networks: string | null;
  rate_up: number | null;
  rate_down: number | null;
  /** JSON. */
  retention: string | null;
}

interface AccountGroupTable {
  id: Generated<number>;
  name: string;
  access: string | null;
  /** JSON. */
  retention: string | null;
}

interface BanTable {
  network: string;
  reason: string;
  created_at_ms: number;
  expires_at_ms: number | null;
  by_guard: Generated<number>;
  times: Generated<number>;
}

interface FolderTable {
  id: Generated<number>;
  name: string;
  account_id: number;
  directory: string;
}

interface FolderMountTable {
  folder_id: number;
  account_id: number | null;
  group_id: number | null;
  path: string;
  read_only: number;
}

interface HookDeliveryTable {
  id: Generated<number>;
  hook: string;
  /** JSON. */
  event: string;
  attempts: Generated<number>;
  next_at_ms: number | null;
  last_error: string | null;
  created_at_ms: number;
}

interface RetiredHomeTable {
  home: string;
  retired_at_ms: number;
}

interface QuotaTable {
  account_id: number;
  limit_bytes: number;
  used_bytes: Generated<number>;
  recounted_at_ms: Generated<number>;
  limit_entries: Generated<number>;
  used_entries: Generated<number>;
  entries_counted: Generated<number>;
}

interface InviteTable {
  id: Generated<number>;
  code_hash: string;
  created_at_ms: number;
  expires_at_ms: number | null;
  max_uses: number;
  uses: Generated<number>;
  revoked_at_ms: number | null;
}

interface DataRootTable {
  id: number;
  path: string;
  changed_at_ms: number;
}

interface MemberTable {
  id: string;
  boot_id: string;
  version: string;
  started_at_ms: number;
  died_at_ms: number | null;
}

interface QuotaEscrowTable {
  account_id: number;
  member_id: string;
  bytes: number;
  entries: number;
}

interface PartialTable {
  id: string;
  account_id: number;
  path: string;
  created_at_ms: number;
  cut_at_ms: number;
  held: string | null;
  begin_number: number;
  makes_way: Generated<number>;
}

interface AuditEventTable {
  id: number;
  at_ms: number;
  kind: 'transfer' | 'login' | 'signup' | 'ban' | 'kick' | 'admin' | 'retention';
  outcome: 'ok' | 'failed';
  reason: string | null;
  session: string;
  address: string;
  username: string;
  verb: string | null;
  direction: 'upload' | 'download' | null;
  path: string | null;
  offset_bytes: number | null;
  moved_bytes: number | null;
  duration_ms: number | null;
  sha256: string | null;
}

interface RecountRequestTable {
  id: Generated<number>;
  account_id: number;
  requested_at_ms: number;
  started_at_ms: number | null;
  finished_at_ms: number | null;
  before_bytes: number | null;
  after_bytes: number | null;
  before_entries: number | null;
  after_entries: number | null;
  unread_directories: number | null;
  problem: string | null;
}

interface ReceiptNumberTable {
  id: number;
  next_number: number;
}

interface TrashItemTable {
  id: string;
  account_id: number;
  number: number;
  path: string;
  kind: 'file' | 'directory' | 'other';
  reason: 'deleted' | 'replaced';
  size_bytes: number;
  is_charged: number;
  deleted_at_ms: number;
  expires_at_ms: number;
}
