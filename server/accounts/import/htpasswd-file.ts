import { type ImportedAccount, ImportFileError, numberedLines } from './imported-account.ts';

/** Reads a file of Apache's htpasswd: `name:hash`, as vsftpd's pam_pwdfile uses it, too. @throws ImportFileError */
export function readHtpasswdFile(text: string): readonly ImportedAccount[] {
  return [...numberedLines(text)].map(([line, written]) => {
    const [username, passwordHash] = written.trimEnd().split(':');
    if (username === undefined || passwordHash === undefined)
      throw ImportFileError.at(line, 'A line of htpasswd is name:hash.');
    return { line, username, password: { kind: 'hash', hash: passwordHash }, enabled: true };
  });
}
