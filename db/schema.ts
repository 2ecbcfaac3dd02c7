import type { Generated } from 'kysely';

/** The tables as migrations/ leaves them. Truth values are 0 and 1, times are milliseconds of Unix time. */
export interface Schema {
  account: AccountTable;
  invite: InviteTable;
  partial: PartialTable;
  quota: QuotaTable;
  retired_home: RetiredHomeTable;
  run_state: RunStateTable;
}

interface AccountTable {
  id: Generated<number>;
  username: string;
  password_hash: string;
  home: string;
  enabled: Generated<number>;
  created_at_ms: number;
  last_login_at_ms: number | null;
}

interface RetiredHomeTable {
  home: string;
  retired_at_ms: number;
}

interface QuotaTable {
  account_id: number;
  limit_bytes: number;
  used_bytes: Generated<number>;
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

export interface RunStateTable {
  id: Generated<number>;
  clean_shutdown: number;
  changed_at_ms: number;
}

interface PartialTable {
  id: string;
  account_id: number;
  path: string;
  created_at_ms: number;
}
