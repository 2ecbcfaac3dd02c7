import { charsetName } from '../remote/connection/charset.ts';
import { BYTE_RATE_FORM, byteRateText, parseByteRate } from '../text/byte-rate.ts';
import { parseProxy, proxySetting } from './proxy.ts';
import type { Site } from './site.ts';
import { encodingOf } from './site-encoding.ts';
import { isTimeOffset, offsetMinutes, offsetText } from './time-offset.ts';

/** A setting of a site beyond server, account and directories. The form and `sites show` have a row for each. */
export interface SiteSetting {
  /** Of the field in the form. */
  readonly name: string;
  readonly label: string;
  /** What may be written; shown beside the field. */
  readonly hint: string;
  /** As users write it; empty if the site does not have it. */
  text(site: Site): string;
  /** What users wrote, not empty. @throws Error with a sentence for the user. */
  read(text: string): Partial<Site>;
  /** The site without it. */
  readonly unset: Partial<Site>;
}

export const SITE_SETTINGS: readonly SiteSetting[] = [
  {
    name: 'passiveHost',
    label: 'Data host',
    hint: 'host for data connections',
    text: ({ passiveHost = '' }) => passiveHost,
    read: (text) => ({ passiveHost: text }),
    unset: { passiveHost: undefined },
  },
  {
    name: 'proxy',
    label: 'Proxy',
    hint: 'socks5://host:1080, http://host:3128, none',
    text: ({ proxy }) => (proxy === undefined ? '' : proxySetting(proxy)),
    read: (text) => ({ proxy: parseProxy(text) }),
    unset: { proxy: undefined },
  },
  {
    name: 'limitRate',
    label: 'Limit',
    hint: 'bytes per second, such as 500k or 2M',
    text: ({ limitBytesPerSecond: limit }) => (limit === undefined ? '' : byteRateText(limit)),
    read: (text) => {
      const limitBytesPerSecond = parseByteRate(text);
      if (limitBytesPerSecond === undefined) throw new Error(`${BYTE_RATE_FORM}.`);
      return { limitBytesPerSecond };
    },
    unset: { limitBytesPerSecond: undefined },
  },
  {
    name: 'passive',
    label: 'Data',
    hint: 'PASV: never use EPSV',
    text: ({ usesPasv }) => (usesPasv === true ? 'PASV' : ''),
    read: (text) => {
      if (!/^pasv$/i.test(text)) throw new Error('Enter PASV, or leave the field empty.');
      return { usesPasv: true };
    },
    unset: { usesPasv: undefined },
  },
  {
    name: 'encoding',
    label: 'Names',
    hint: 'encoding, UTF-8 if empty',
    text: ({ encoding = '' }) => encoding,
    read: (text) => {
      if (charsetName(text) === undefined) {
        throw new Error('Enter an encoding such as windows-1252 or shift_jis.');
      }
      return encodingOf(text);
    },
    unset: { encoding: undefined },
  },
  {
    name: 'timeOffset',
    label: 'Times',
    hint: 'offset from UTC, such as +02:00',
    text: ({ timeOffsetMinutes: offset }) => (offset === undefined ? '' : offsetText(offset)),
    read: (text) => {
      if (!isTimeOffset(text)) throw new Error('Enter an offset from UTC, such as +02:00.');
      return { timeOffsetMinutes: offsetMinutes(text) };
    },
    unset: { timeOffsetMinutes: undefined },
  },
];

/** The settings that a site has, as users write them. */
export function settingTexts(site: Site): Readonly<Record<string, string>> {
  const texts = SITE_SETTINGS.map((setting) => [setting.name, setting.text(site)] as const);
  return Object.fromEntries(texts.filter(([, text]) => text !== ''));
}

/** The same read again; what cannot be read is left out. */
export function settingsOfTexts(texts: Readonly<Record<string, unknown>>): Partial<Site> {
  const settings: Partial<Site> = {};
  for (const { name, read } of SITE_SETTINGS) {
    const text = texts[name];
    try {
      if (typeof text === 'string') Object.assign(settings, read(text));
    } catch {
      // Written by another version.
    }
  }
  return settings;
}

/** Whether a site has one of them. */
export function hasSettings(site: Site): boolean {
  return SITE_SETTINGS.some((setting) => setting.text(site) !== '');
}
