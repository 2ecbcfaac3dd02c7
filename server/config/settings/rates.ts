import type { SettingDefinition } from '../setting-definition.ts';
import { formatRate, parseRate } from '../setting-parsers.ts';

const common = {
  group: 'Limits',
  placeholder: '<rate>',
  parse: parseRate,
  default: 'off',
  format: formatRate,
  isLive: true,
} as const;

export const ratesSettings = {
  'rate-up': {
    as: 'rateUp',
    summary: 'bytes per second of all uploads, or off',
    description:
      'Bytes per second of all uploads together, such as `50M`; `off` or 0 for no limit.',
    ...common,
  },
  'rate-down': {
    as: 'rateDown',
    summary: 'the same of all downloads',
    description: 'Bytes per second of all downloads and listings together.',
    ...common,
  },
  'rate-up-per-user': {
    as: 'rateUpPerUser',
    summary: 'the same of the uploads of one account',
    description: 'Bytes per second of the uploads of one account, unless `user rate` sets another.',
    ...common,
  },
  'rate-down-per-user': {
    as: 'rateDownPerUser',
    summary: 'the same of the downloads of one account',
    description:
      'Bytes per second of the downloads of one account, unless `user rate` sets another.',
    ...common,
  },
  'rate-up-per-session': {
    as: 'rateUpPerSession',
    summary: 'the same of one session',
    description: 'Bytes per second of the uploads of one session.',
    ...common,
  },
  'rate-down-per-session': {
    as: 'rateDownPerSession',
    summary: 'the same of one session',
    description: 'Bytes per second of the downloads of one session.',
    ...common,
  },
} as const satisfies Readonly<Record<string, SettingDefinition>>;
