import type { CreationRules } from '../disk/creation-rules.ts';
import type { UploadDeps } from '../uploads/open-upload.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';
import type { NameAccess } from './name-access.ts';

/** State of accounts that can write. */
export interface Writing {
  readonly storage: WritableStorage;
  readonly names: NameAccess;
  readonly upload: UploadDeps & { rules: CreationRules };
}
