import type { Socket } from 'node:net';

export interface FirstLine {
  /** The first line that is not empty. */
  readonly line: Promise<string>;
  /** What has arrived so far. */
  received(): string;
}

/** Watches what arrives first: the control connection hands out replies only. */
export function firstLine(socket: Socket): FirstLine {
  let text = '';
  const line = new Promise<string>((resolve) => {
    socket.on('data', function watch(chunk) {
      text += String(chunk);
      const [, found] = /^\s*([^\r\n]*)\r?\n/.exec(text) ?? [];
      if (found === undefined) return;
      socket.off('data', watch);
      resolve(found);
    });
  });
  return { line, received: () => text };
}
