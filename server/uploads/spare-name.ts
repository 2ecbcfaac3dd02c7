import { randomBytes } from 'node:crypto';

/** Longest name of a Linux file system. */
const MAX_NAME_BYTES = 255;

/** A name beside `name`, with a part that cannot be guessed before the extension: `report-1f3a9c22b0.pdf`. */
export function spareName(name: string): string {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  const suffix = `-${randomBytes(5).toString('hex')}${extension}`;
  const room = Math.max(MAX_NAME_BYTES - Buffer.byteLength(suffix), 0);
  const short = Array.from(stem);
  while (Buffer.byteLength(short.join('')) > room) short.pop();
  return `${short.join('')}${suffix}`;
}
