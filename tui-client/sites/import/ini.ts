/** A section of an INI file. */
export interface IniSection {
  readonly name: string;
  /** The values as written; keys in lower case. */
  readonly values: ReadonlyMap<string, string>;
}

/** Takes an INI file apart. Comments and lines that are no `key = value` are left out. */
export function iniSections(text: string): readonly IniSection[] {
  const sections: { name: string; values: Map<string, string> }[] = [];
  for (const line of text.split(/\r\n|\r|\n/)) {
    const [, name] = /^\s*\[(.*)\]\s*$/.exec(line) ?? [];
    const [, key, value = ''] = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) sections.push({ name, values: new Map() });
    else if (key !== undefined) sections.at(-1)?.values.set(key.toLowerCase(), value);
  }
  return sections;
}
