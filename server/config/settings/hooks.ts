import { formatHook, type Hook, parseHooks } from '../../hooks/hook.ts';
import type { SettingDefinition } from '../setting-definition.ts';
import { duration, pathOf } from '../setting-parsers.ts';
import { formatDuration } from '../units.ts';

export const hookSettings = {
  hook: {
    as: 'hooks',
    isLive: true,
    group: 'Hooks',
    placeholder: '<events=target>',
    summary: 'program or URL that is told of events; repeatable',
    description: 'A program or URL that is told of events, see [below](#hooks). A list.',
    parse: parseHooks,
    otherwise: 'none',
    derive: () => [],
    example: 'upload+delete=/usr/local/bin/on-change',
    isList: true,
    format: (hooks: readonly Hook[]) => hooks.map(formatHook),
  },
  'hook-secret': {
    as: 'hookSecret',
    isLive: true,
    group: 'Hooks',
    placeholder: '<file>',
    summary: 'file with the key that signs what URLs get',
    description:
      'File with the key of the signatures that URLs get, also that of `password-check`; they need one. A reload reads the file again.',
    parse: pathOf('file'),
    otherwise: 'none',
    example: '/etc/myftp/hook-secret',
    isPath: true,
  },
  'hook-timeout': {
    as: 'hookTimeoutMs',
    isLive: true,
    group: 'Hooks',
    placeholder: '<time>',
    summary: 'time for a hook to end',
    description: 'Time after which a hook that has not ended has failed.',
    parse: duration({ leastMs: 1000 }),
    default: '30s',
    format: formatDuration,
  },
} as const satisfies Readonly<Record<string, SettingDefinition>>;
