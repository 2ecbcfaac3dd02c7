import { RetentionRepository } from '../../db/retention-repository.ts';
import { RetentionLog } from './retention-log.ts';
import { RetentionService } from './retention-service.ts';
import type { SweepDeps } from './sweep-account.ts';

type Services = Pick<SweepDeps, 'accounts' | 'storages'> &
  ConstructorParameters<typeof RetentionLog>[0];

interface Resources extends Pick<SweepDeps, 'workers'> {
  readonly database: { readonly queries: ConstructorParameters<typeof RetentionRepository>[0] };
}

/** Connects what deletes old files with the services of the server. */
export function buildRetention(services: Services, resources: Resources): RetentionService {
  const { workers, database } = resources;
  const rules = new RetentionRepository(database.queries);
  return new RetentionService({ ...services, workers, rules, log: new RetentionLog(services) });
}
