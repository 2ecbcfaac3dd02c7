import type { AccessSettings } from '../../db/access-settings.ts';
import { describeQuota, parseQuota } from '../config/quota-size.ts';
import { changed, DEFAULT, type HolderKind, orUsage } from './access-commands.ts';
import { type AccessHolder, accessJson } from './access-views.ts';
import type { AdministrationRequest } from './administration.ts';
import { UsageError } from './command-context.ts';
import { textFacts } from './text-table.ts';

/** `user limits` and `group limits`: shows the limits of uploads and names, or sets those that are given. */
export async function showOrSetLimits(
  request: AdministrationRequest,
  kind: HolderKind,
): Promise<void> {
  const changes = changesIn(request);
  const holder = await changed(request, kind, (own) =>
    Object.keys(changes).length === 0 ? undefined : withLimits(own, changes),
  );
  request.context.stdout.write(
    request.options.json === true
      ? `${JSON.stringify(accessJson(holder), undefined, 2)}\n`
      : limitFacts(holder),
  );
}

type Limits = Pick<AccessSettings, 'maxUploadBytes' | 'allowedNames' | 'deniedNames'>;

/** Undefined members are taken back. */
type LimitChanges = { [Name in keyof Limits]: Limits[Name] | undefined };

function changesIn({ options }: AdministrationRequest): LimitChanges {
  const { maxUploadSize: size, allowNames: allowed, denyNames: denied } = options;
  return {
    ...(typeof size === 'string' && {
      maxUploadBytes: size === DEFAULT ? undefined : orUsage(() => parseQuota(size)),
    }),
    ...(typeof allowed === 'string' && { allowedNames: patternsIn('--allow-names', allowed) }),
    ...(typeof denied === 'string' && { deniedNames: patternsIn('--deny-names', denied) }),
  };
}

/** Empty: no pattern, also if the group has some. @throws UsageError for a pattern that no name can match. */
function patternsIn(flag: string, text: string): readonly string[] | undefined {
  if (text === DEFAULT) return undefined;
  const patterns = text === '' ? [] : text.split(',').map((pattern) => pattern.trim());
  const wrong = patterns.find((pattern) => pattern === '' || /[/\0\r\n]/.test(pattern));
  if (wrong === undefined) return patterns;
  throw new UsageError(
    `${flag} ${JSON.stringify(wrong)}: expected patterns of names without a slash, with commas between them, such as *.exe,.ht*.`,
  );
}

function withLimits(own: AccessSettings, changes: LimitChanges): AccessSettings {
  const entries = Object.entries({ ...own, ...changes });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function limitFacts({ effective }: AccessHolder): string {
  const { maxUploadBytes, allowedNames = [], deniedNames = [] } = effective;
  return textFacts([
    [
      'Largest upload',
      maxUploadBytes === undefined
        ? 'as --max-upload-size of the server says'
        : describeQuota(maxUploadBytes),
    ],
    ['Allowed names', allowedNames.length === 0 ? 'all' : allowedNames.join(', ')],
    ['Denied names', deniedNames.length === 0 ? 'none' : deniedNames.join(', ')],
  ]);
}
