import path from 'node:path';
import type { SettingDefinition, Underived } from '../setting-definition.ts';
import { formatRetention, oneOf, parseEncoding, pathOf, retention } from '../setting-parsers.ts';

export const storageSettings = {
  data: {
    as: 'dataDir',
    group: 'Storage',
    placeholder: '<dir>',
    summary: "directory of the server's data",
    description: 'Directory for the database, and for files and logs unless they are set.',
    parse: pathOf('directory'),
    default: './myftp-data',
    isPath: true,
  },
  root: {
    as: 'rootDir',
    group: 'Storage',
    placeholder: '<dir>',
    summary: "directory of the accounts' homes",
    description: 'Directory in which each account has its home.',
    parse: pathOf('directory'),
    otherwise: '<data>/files',
    derive: ({ data }: Underived) => path.join(data, 'files'),
    isPath: true,
  },
  'keep-partials': {
    as: 'keepPartialsMs',
    group: 'Storage',
    placeholder: '<time>',
    summary: 'time to resume cut uploads, or forever',
    description: 'How long a cut upload can be resumed; `forever` or 0 sets no limit.',
    parse: retention({
      purpose: 'to keep partial uploads',
      ...{ leastMs: 1000, mostDays: 3650, word: 'forever', example: '24h' },
    }),
    default: '24h',
    format: formatRetention('forever'),
  },
  'cut-uploads': {
    as: 'cutUploads',
    isLive: true,
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'keep or publish uploads whose client left',
    description:
      'An upload whose data ended in order while the client left without QUIT: `keep` it as a partial, or `publish` it.',
    parse: oneOf('keep', 'publish'),
    default: 'keep',
  },
  allo: {
    as: 'allo',
    isLive: true,
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'size declared by ALLO: strict or hint',
    description:
      'Whether an upload has to reach the size that ALLO has declared: `strict` or `hint`.',
    parse: oneOf('strict', 'hint'),
    default: 'strict',
  },
  'recount-every': {
    as: 'recountEveryMs',
    group: 'Storage',
    placeholder: '<time>',
    summary: 'time between recounts of used space, or off',
    description: 'Time between slow recounts of each account; `off` or 0 for none. See below.',
    parse: retention({
      purpose: 'between recounts',
      ...{ leastMs: 60_000, mostDays: 3650, word: 'off', example: '7d' },
    }),
    default: '7d',
    format: formatRetention('off'),
  },
  fsync: {
    as: 'fsync',
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'fsync uploads before 226: on or off',
    description: 'Calls fsync for each upload before reply 226: `off` or `on`.',
    parse: oneOf('off', 'on'),
    default: 'off',
  },
  'fallback-encoding': {
    as: 'fallbackEncoding',
    group: 'Storage',
    placeholder: '<name>',
    summary: 'encoding of names not in UTF-8',
    description: 'Encoding of names that are not UTF-8, such as `windows-1252`.',
    parse: parseEncoding,
    otherwise: 'refuse them',
    example: 'windows-1252',
  },
  'hash-uploads': {
    as: 'hashUploads',
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'hash incoming uploads: auto, on or off',
    description:
      'Computes SHA-256 of uploads while they are received: `auto`, `on` or `off`, see below.',
    parse: oneOf('auto', 'on', 'off'),
    default: 'auto',
  },
} as const satisfies Readonly<Record<string, SettingDefinition>>;
