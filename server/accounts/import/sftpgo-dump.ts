import * as v from 'valibot';
import { type ImportedAccount, ImportFileError } from './imported-account.ts';
import { readJsonFile } from './json-file.ts';
import { LineNumbers } from './line-numbers.ts';

const count = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0);

const schema = v.object({
  users: v.array(
    v.object({
      username: v.string(),
      password: v.optional(v.string(), ''),
      /** 0 sets no limit. */
      quota_size: count,
      quota_files: count,
      status: v.optional(v.number(), 1),
    }),
  ),
});

/** Reads the JSON that SFTPGo writes as a backup. @throws ImportFileError */
export function readSftpgoDump(text: string): readonly ImportedAccount[] {
  const { users } = dumpIn(text);
  const lines = new LineNumbers(text);
  let offset = 0;
  const lineOf = (username: string) => {
    const found = text.indexOf(JSON.stringify(username), offset);
    offset = Math.max(found, offset);
    return lines.at(offset);
  };
  return users.map((user) => ({
    line: lineOf(user.username),
    username: user.username,
    password: user.password === '' ? undefined : { kind: 'hash', hash: user.password },
    quotaBytes: user.quota_size === 0 ? undefined : user.quota_size,
    maxFiles: user.quota_files === 0 ? undefined : user.quota_files,
    enabled: user.status === 1,
  }));
}

function dumpIn(text: string): v.InferOutput<typeof schema> {
  const { success, issues, output } = v.safeParse(schema, readJsonFile(text));
  if (success) return output;
  const where = v.getDotPath(issues[0]) ?? 'This';
  throw ImportFileError.at(1, `${where} is not what SFTPGo writes there.`);
}
