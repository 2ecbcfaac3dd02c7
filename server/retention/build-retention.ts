import { RetentionRepository } from '../../db/retention-repository.ts';
import type { UserStorages } from '../files/user-storages.ts';
import { OldestFirst } from './oldest-first.ts';
import { RetentionLog } from './retention-log.ts';
import { RetentionService } from './retention-service.ts';
import type { SweepDeps } from './sweep-account.ts';

type Services = Pick<SweepDeps, 'accounts'> &
  ConstructorParameters<typeof RetentionLog>[0] & {
    readonly storages: Pick<UserStorages, 'open' | 'makeRoomBy'>;
  };

interface Resources extends Pick<SweepDeps, 'workers'> {
  readonly database: { readonly queries: ConstructorParameters<typeof RetentionRepository>[0] };
}

/** Connects what deletes old files with the services of the server. */
export function buildRetention(services: Services, resources: Resources): RetentionService {
  const { workers, database } = resources;
  const rules = new RetentionRepository(database.queries);
  const deps = { ...services, workers, rules, log: new RetentionLog(services) };
  services.storages.makeRoomBy(new OldestFirst(deps));
  return new RetentionService(deps);
}
