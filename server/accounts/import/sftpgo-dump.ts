import * as v from 'valibot';
import { type ImportedAccount, ImportFileError } from './imported-account.ts';

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
  return users.map((user) => ({
    line: lineOf(text, user.username),
    username: user.username,
    passwordHash: user.password,
    quotaBytes: user.quota_size === 0 ? undefined : user.quota_size,
    maxFiles: user.quota_files === 0 ? undefined : user.quota_files,
    enabled: user.status === 1,
  }));
}

function dumpIn(text: string): v.InferOutput<typeof schema> {
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (error) {
    const where = v.isValiError<typeof schema>(error) ? v.getDotPath(error.issues[0]) : null;
    throw new ImportFileError(
      1,
      where === null ? 'This is no JSON.' : `${where} is not what SFTPGo writes there.`,
    );
  }
}

/** Where the name stands first. */
function lineOf(text: string, username: string): number {
  const at = text.indexOf(JSON.stringify(username));
  return text.slice(0, Math.max(at, 0)).split('\n').length;
}
