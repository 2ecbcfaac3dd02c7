/** A step of the guide for administrators: a command for the shell, or a line of the settings file. */
export interface GuideStep {
  readonly kind: 'command' | 'setting';
  readonly text: string;
  /** The heading that it stands below. */
  readonly section: string;
}

/** The blocks that have steps, by the word behind the fence. */
const KINDS: Readonly<Record<string, GuideStep['kind']>> = { sh: 'command', toml: 'setting' };

/** Reads the fenced blocks of a Markdown text: `sh` has commands, `toml` settings, one in a line. */
export function stepsOf(markdown: string): readonly GuideStep[] {
  return markdown.split(/^## /m).flatMap((part) => {
    const [section = ''] = part.split('\n');
    const blocks = part.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm);
    return [...blocks].flatMap(([, language = '', lines = '']) => {
      const kind = KINDS[language];
      if (kind === undefined) throw new Error(`${section}: a block of "${language}"`);
      return lines
        .trimEnd()
        .split('\n')
        .map((text) => ({ kind, text, section }));
    });
  });
}
