import type { Accounts } from '../accounts/accounts.ts';
import type { GuessGuard } from '../accounts/guess-guard.ts';
import type { LoginThrottle } from '../accounts/login-throttle.ts';
import type { SignUp } from '../accounts/sign-up.ts';
import type { SignUpRate } from '../accounts/signup-rate.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { Checksums } from '../checksums/checksum.ts';
import type { UploadDigests } from '../checksums/upload-digest.ts';
import type { Settings } from '../config/settings.ts';
import type { TransferBuffers } from '../data/buffer-pool.ts';
import type { PassivePorts } from '../data/passive-ports.ts';
import type { Rates } from '../data/rates.ts';
import type { UserStorages } from '../files/user-storages.ts';
import type { BanGuard } from '../guards/ban-guard.ts';
import type { Hooks } from '../hooks/hooks.ts';
import type { DirectoryLister } from '../listing/directory-lister.ts';
import type { Logs } from '../logging/logging.ts';
import type { LocalNetworks } from '../network/local-networks.ts';
import type { PublicAddresses } from '../network/public-addresses.ts';
import type { FairTurns } from '../scheduling/fair-turns.ts';
import type { TlsIdentity } from '../tls/tls-identity.ts';

/** Services of the server that commands and transfers use, shared by all sessions. */
export interface SessionServices {
  readonly settings: Settings;
  readonly logs: Logs;
  readonly now: () => number;
  readonly accounts: Accounts;
  readonly signUp: SignUp;
  readonly throttle: LoginThrottle;
  readonly guard: GuessGuard;
  readonly banGuard: BanGuard;
  readonly signupRate: SignUpRate;
  readonly storages: UserStorages;
  readonly ports: PassivePorts;
  /** The addresses that PASV advertises to remote clients. */
  readonly publicAddresses: PublicAddresses;
  /** The networks whose clients get the address that they connected to in PASV replies. */
  readonly localNetworks: LocalNetworks;
  /** Undefined where TLS is off. */
  readonly tls: TlsIdentity | undefined;
  readonly rates: Rates;
  readonly buffers: TransferBuffers;
  readonly turns: FairTurns;
  readonly checksums: Checksums;
  readonly uploadDigests: UploadDigests;
  readonly audit: AuditTrail;
  readonly lister: DirectoryLister;
  readonly hooks: Pick<Hooks, 'add'>;
}
