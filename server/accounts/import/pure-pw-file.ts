import {
  type ImportedAccount,
  ImportFileError,
  numberedLines,
  wholeNumberIn,
} from './imported-account.ts';

/** Fields of a line: name, hash, uid, gid, gecos, home, four rates, sessions, files, bytes, four address lists, hours. */
const FIELDS = 18;
const FILES_FIELD = 11;
const BYTES_FIELD = 12;

/** Reads `pureftpd.passwd` of Pure-FTPd. @throws ImportFileError */
export function readPurePwFile(text: string): readonly ImportedAccount[] {
  return [...numberedLines(text)].map(([line, written]) => {
    const fields = written.split(':');
    const [username, passwordHash] = fields;
    if (username === undefined || passwordHash === undefined || fields.length !== FIELDS)
      throw ImportFileError.at(line, `A line of pure-pw has ${FIELDS} fields.`);
    return {
      line,
      username,
      password: { kind: 'hash', hash: passwordHash },
      quotaBytes: wholeNumberIn(fields[BYTES_FIELD] ?? '', line),
      maxFiles: wholeNumberIn(fields[FILES_FIELD] ?? '', line),
      enabled: true,
    };
  });
}
