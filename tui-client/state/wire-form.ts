import { charsetName } from '../remote/charset.ts';
import type { Site } from '../sites/site.ts';
import { encodingOf } from '../sites/site-encoding.ts';
import { isTimeOffset, offsetMinutes, offsetText } from '../sites/time-offset.ts';
import { type Form, type FormEntry, formValue, textEntry } from './form.ts';

/** Fields of the connect form for servers that differ from the usual. */
export const WIRE_ENTRIES: readonly FormEntry[] = [
  {
    type: 'option',
    name: 'passive',
    label: 'Data',
    value: 'auto',
    options: [
      { value: 'auto', label: 'EPSV or PASV' },
      { value: 'PASV', label: 'PASV only' },
    ],
  },
  textEntry('encoding', 'Names', { hint: 'UTF-8, if empty' }),
  textEntry('timeOffset', 'Times', { hint: '+02:00, if not found out' }),
];

/** What the form shows for a site. */
export function wireValues(site: Site): Readonly<Record<string, string>> {
  const { usesPasv, encoding = '', timeOffsetMinutes } = site;
  return {
    passive: usesPasv === true ? 'PASV' : 'auto',
    encoding,
    timeOffset: timeOffsetMinutes === undefined ? '' : offsetText(timeOffsetMinutes),
  };
}

type WireSettings = Pick<Site, 'usesPasv' | 'encoding' | 'timeOffsetMinutes'>;

/** What the form says, or what is wrong with it and where. */
export function wireSettings(
  form: Form,
): WireSettings | { readonly wrong: string; readonly message: string } {
  const encoding = formValue(form, 'encoding').trim();
  const offset = formValue(form, 'timeOffset').trim();
  if (encoding !== '' && charsetName(encoding) === undefined) {
    return { wrong: 'encoding', message: 'Type an encoding such as windows-1252 or shift_jis.' };
  }
  if (offset !== '' && !isTimeOffset(offset)) {
    return { wrong: 'timeOffset', message: 'Type hours and minutes ahead of UTC, as +02:00.' };
  }
  return {
    ...(formValue(form, 'passive') === 'PASV' && { usesPasv: true }),
    ...(encoding !== '' && encodingOf(encoding)),
    ...(offset !== '' && { timeOffsetMinutes: offsetMinutes(offset) }),
  };
}
