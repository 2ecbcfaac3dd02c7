import type { Readable } from 'node:stream';

/** Everything that has been written to a stream and not been read; `read` returns one chunk of it in Node 26. */
export function writtenText(stream: Readable): string {
  let text = '';
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += chunk;
  return text;
}
