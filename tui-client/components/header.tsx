import { type ReactElement, useMemo } from 'react';
import { displayName, percent, shortBytes } from '../text/format.ts';
import { Painted } from './painted.tsx';
import { progressBar } from './progress-bar.ts';
import { paintRow, paintSpread, type Span, spansWidth } from './spans.ts';
import type { Theme } from './theme.ts';

export interface HeaderProps {
  readonly theme: Theme;
  readonly width: number;
  /** The bookmark's name, or the program's. */
  readonly title: string;
  /** As `alice@ftp.example.org`; empty when not connected. */
  readonly account: string;
  readonly security: 'tls' | 'clear' | 'none';
  /** As `TLS 1.3`. */
  readonly protocol: string;
  /** In words, when the connection is lost. */
  readonly trouble: string | undefined;
  readonly quota: { readonly usedBytes: number; readonly limitBytes: number } | undefined;
  /** At the right end, as `a:log`. */
  readonly hint?: string | undefined;
}

const GAUGE_WIDTH = 10;
const LITTLE_LEFT = 0.9;

/** The first row: where we are connected, how safely, and how much of the quota is used. */
export function Header(props: HeaderProps): ReactElement {
  const rows = useMemo(() => [headerRow(props)], [props]);
  return <Painted rows={rows} width={props.width} />;
}

export function headerRow(props: HeaderProps): string {
  const { theme, width } = props;
  const left: Span[] = [' ', ['title', displayName(props.title)]];
  if (props.account !== '') left.push(`  ${displayName(props.account)}`);
  left.push(...securitySpans(props));
  if (props.trouble !== undefined) {
    left.push('  ', ['bad', `${theme.signs.failed} ${displayName(props.trouble)}`]);
  }
  const hint: Span[] = props.hint === undefined ? [' '] : ['  ', ['dim', props.hint], ' '];
  const choices = [[...quotaSpans(props, GAUGE_WIDTH), ...hint], quotaSpans(props, 0), []];
  const right = choices.find((one) => spansWidth(left) + spansWidth(one) < width);
  if (right === undefined) return paintRow(theme, left, { width });
  return paintSpread(theme, { left, right }, { width });
}

function securitySpans({ theme, security, protocol }: HeaderProps): readonly Span[] {
  if (security === 'none') return [];
  if (security === 'tls') return ['  ', ['good', protocol]];
  return ['  ', ['bad', `${theme.signs.unverified} not encrypted`]];
}

function quotaSpans({ theme, quota }: HeaderProps, gaugeWidth: number): readonly Span[] {
  if (quota === undefined) return [];
  const fraction = quota.limitBytes === 0 ? 1 : quota.usedBytes / quota.limitBytes;
  const used = percent(quota.usedBytes, quota.limitBytes)?.trim() ?? '';
  const text = `${shortBytes(quota.usedBytes)} of ${shortBytes(quota.limitBytes)} `;
  const gauge = progressBar(theme, { width: gaugeWidth, fraction });
  return [text, ...gauge, [fraction > LITTLE_LEFT ? 'bad' : 'plain', ` ${used}`]];
}
