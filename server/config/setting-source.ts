/** Place where the value of a setting was written. */
export type SettingSource =
  | { readonly kind: 'flag'; readonly flag: string }
  | { readonly kind: 'variable'; readonly variable: string }
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly key: string }
  | { readonly kind: 'default' };

/** A value as the user wrote it. */
export interface WrittenSetting {
  readonly text: string;
  readonly source: SettingSource;
}

/** The place as the user wrote it, to start a message with: `--port`, `MYFTP_PORT`, `myftp.toml: line 3: port`. */
export function sourceLabel(source: SettingSource, name: string): string {
  switch (source.kind) {
    case 'flag':
      return source.flag;
    case 'variable':
      return source.variable;
    case 'file':
      return `${source.file}: line ${source.line}: ${source.key}`;
    case 'default':
      return `--${name}`;
  }
}
