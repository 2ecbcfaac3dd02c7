import path from 'node:path';
import { formatListenAddress, parseListenAddress } from '../listen-address.ts';
import type { SettingDefinition, Underived } from '../setting-definition.ts';
import {
  formatRetention,
  oneOf,
  parseGroup,
  parseUser,
  pathOf,
  retention,
} from '../setting-parsers.ts';

export const processSettings = {
  user: {
    as: 'user',
    group: 'Process',
    placeholder: '<name>',
    summary: 'user to become when ports are bound',
    description: 'User that root becomes once the ports are bound, by name or number.',
    parse: parseUser,
    otherwise: 'stay',
    example: 'myftp',
  },
  group: {
    as: 'group',
    group: 'Process',
    placeholder: '<name>',
    summary: 'group to become',
    description: 'Group that root becomes. Needs `user`.',
    parse: parseGroup,
    otherwise: "the user's",
    example: 'myftp',
  },
  metrics: {
    as: 'metrics',
    group: 'Process',
    placeholder: '<addr:port>',
    summary: 'address of /metrics, /healthz and /readyz',
    description: 'Address for monitoring by HTTP: `/metrics`, `/healthz` and `/readyz`.',
    parse: parseListenAddress,
    otherwise: 'none',
    example: '127.0.0.1:9121',
    format: formatListenAddress,
  },
  'audit-keep': {
    as: 'auditKeepMs',
    group: 'Logs',
    placeholder: '<time>',
    summary: 'audit log retention, or off',
    description: 'Retention of the audit log; `off` (or 0) records nothing.',
    parse: retention({
      purpose: 'to keep anything',
      ...{ leastMs: 1000, mostDays: 36_500, word: 'off', example: '90d' },
    }),
    default: '90d',
    format: formatRetention('off'),
  },
  'log-dir': {
    as: 'logDir',
    group: 'Logs',
    placeholder: '<dir>',
    summary: 'directory of the log files',
    description: 'Directory of the log files.',
    parse: pathOf('directory'),
    otherwise: '<data>/logs',
    derive: ({ data }: Underived) => path.join(data, 'logs'),
    isPath: true,
  },
  'log-level': {
    as: 'logLevel',
    isLive: true,
    group: 'Logs',
    placeholder: '<level>',
    summary: 'debug, info, warn or error',
    description: 'Lowest level that is logged: `debug`, `info`, `warn` or `error`.',
    parse: oneOf('debug', 'info', 'warn', 'error'),
    default: 'info',
  },
} as const satisfies Readonly<Record<string, SettingDefinition>>;
