import { readFilezillaOldUsers } from './filezilla-old-users.ts';
import { readFilezillaUsers } from './filezilla-users.ts';
import { type ImportedAccount, ImportFileError } from './imported-account.ts';
import { readXmlFile } from './xml-file.ts';

/** Reads the accounts of FileZilla Server, of its versions 1 and 0.9. @throws ImportFileError */
export function readFilezillaFile(text: string): readonly ImportedAccount[] {
  const { root, lineOf } = readXmlFile(text);
  if (root.name === 'filezilla') return readFilezillaUsers(root, lineOf);
  if (root.name === 'FileZillaServer') return readFilezillaOldUsers(root, lineOf);
  throw ImportFileError.at(
    lineOf(root),
    `This is no file of FileZilla Server, but begins with <${root.name}>.`,
  );
}
