import { parseXml, XmlElement, XmlError } from '@rgrove/parse-xml';
import { ImportFileError } from './imported-account.ts';
import { LineNumbers } from './line-numbers.ts';

interface XmlFile {
  readonly root: XmlElement;
  lineOf(element: XmlElement): number;
}

/** Reads XML. Entities that a document declares are not expanded. @throws ImportFileError if it is malformed. */
export function readXmlFile(text: string): XmlFile {
  // The parser counts offsets without these.
  const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const lines = new LineNumbers(plain);
  try {
    const { root } = parseXml(plain, { includeOffsets: true });
    if (root === null) throw ImportFileError.at(1, 'There is no element.');
    return { root, lineOf: ({ start }) => lines.at(start) };
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const [reason = ''] = error.message.split(/ \(line |\n/);
    throw ImportFileError.at(error.line, `This is no XML: ${reason}.`);
  }
}

/** The elements directly in another that have a name. */
export function childrenOf(parent: XmlElement | undefined, name: string): readonly XmlElement[] {
  const elements = parent?.children.filter((child) => child instanceof XmlElement);
  return elements?.filter((element) => element.name === name) ?? [];
}

/** The trimmed text of the first element with a name; empty without one. */
export function textOf(parent: XmlElement | undefined, name: string): string {
  return childrenOf(parent, name)[0]?.text.trim() ?? '';
}
