import { WrongFormError } from '../../errors/wrong-form.ts';
import { formatTarget, type HookTarget, parseTarget } from '../../hooks/hook-target.ts';
import { isLoopbackHost } from '../../network/addresses.ts';
import type { SettingDefinition } from '../setting-definition.ts';
import { duration, formatRetention, retention } from '../setting-parsers.ts';
import { formatDuration } from '../units.ts';

export const passwordCheckSettings = {
  'password-check': {
    as: 'passwordCheck',
    isLive: true,
    group: 'Accounts',
    placeholder: '<target>',
    summary: 'program or URL that checks passwords',
    description:
      'Program or URL of another system that keeps passwords, see [operations.md](operations.md#passwords-that-another-system-keeps).',
    parse: parseCheck,
    otherwise: 'none',
    example: '/usr/local/bin/check-password',
    format: formatTarget,
  },
  'password-check-timeout': {
    as: 'passwordCheckTimeoutMs',
    isLive: true,
    group: 'Accounts',
    placeholder: '<time>',
    summary: 'time for a check to answer',
    description: 'Time after which a password check that has not answered has failed.',
    parse: duration({ leastMs: 1000 }),
    default: '10s',
    format: formatDuration,
  },
  'password-check-remember': {
    as: 'passwordCheckRememberMs',
    isLive: true,
    group: 'Accounts',
    placeholder: '<time>',
    summary: 'time to remember a right password, or off',
    description:
      'Time for which a password that the check has confirmed is not checked again, in memory only; or `off`.',
    parse: retention({
      purpose: 'to remember a password',
      ...{ leastMs: 1000, mostDays: 1, word: 'off', example: '1m' },
    }),
    default: '1m',
    format: formatRetention('off'),
  },
} as const satisfies Readonly<Record<string, SettingDefinition>>;

/** @throws WrongFormError also for a URL that passwords would be sent to in clear. */
function parseCheck(text: string): HookTarget {
  const target = parseTarget(text.trim(), EXAMPLE);
  if (target.kind === 'program') return target;
  const { protocol, hostname } = new URL(target.url);
  if (protocol === 'https:' || isLoopbackHost(hostname.replace(/^\[|\]$/g, ''))) return target;
  throw new WrongFormError(
    `${JSON.stringify(text)} would send passwords in clear. Write a URL of https, or one of this machine.`,
  );
}

const EXAMPLE = 'Write one such as /usr/local/bin/check-password or https://sso.example/ftp.';
