import { charsetName } from '../remote/connection/charset.ts';
import type { Site } from './site.ts';

export function isCharset(label: string): boolean {
  return charsetName(label) !== undefined;
}

/** The field of a site for a label such as `latin1`; none for UTF-8. */
export function encodingOf(label: string): Pick<Site, 'encoding'> {
  const encoding = charsetName(label);
  return encoding === undefined || encoding === 'utf-8' ? {} : { encoding };
}
