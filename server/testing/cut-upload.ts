import type { ControlClient } from './control-client.ts';

/** Begins an upload and waits until the server has all of `content`. The data connection stays open. */
export async function beginUpload(client: ControlClient, line: string, content: string | Buffer) {
  const data = await client.openData();
  const { code, lines } = await client.command(line);
  if (code !== 150) throw new Error(`${line}: ${lines.join(' ')}`);
  data.write(content);
  while (!(await statusOf(client)).includes(`: ${content.length} bytes`));
  return data;
}

/** Cuts an upload after the server has got `content`. */
export async function cutUpload(
  client: ControlClient,
  line: string,
  content: string | Buffer,
): Promise<void> {
  const data = await beginUpload(client, line, content);
  data.resetAndDestroy();
  const { code, lines } = await client.reply();
  if (code !== 426) throw new Error(`${line} was not cut: ${lines.join(' ')}`);
}

async function statusOf(client: ControlClient): Promise<string> {
  return (await client.command('STAT')).lines.join('\n');
}
