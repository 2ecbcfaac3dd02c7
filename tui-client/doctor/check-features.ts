import { Capabilities } from '../remote/connection/capabilities.ts';
import { innerLines, isRefusal, wordsOf } from '../remote/connection/reply.ts';
import { type Finding, ok, unchecked, warning } from './finding.ts';
import type { Visit } from './visit.ts';

const WANTED = ['MLST', 'UTF8', 'REST STREAM', 'SIZE', 'MDTM'] as const;

/** Asks for the features (RFC 2389). */
export async function checkFeatures(visit: Visit): Promise<readonly Finding[]> {
  const { control } = visit;
  if (control === undefined) return [];
  try {
    const reply = await control.ask('FEAT', { timeoutMs: visit.answerMs });
    if (reply.code === 530) {
      return [unchecked('features', 'The server lists its features only after a login.')];
    }
    if (isRefusal(reply)) return [withoutFeatures(wordsOf(reply))];
    const lines = innerLines(reply).map((line) => line.replace(/^211-/, '').trim());
    visit.capabilities = new Capabilities(lines);
    return [findingOf(visit.capabilities, lines)];
  } catch (error) {
    return [withoutFeatures(visit.failure(error).message)];
  }
}

function withoutFeatures(words: string): Finding {
  return warning('features', {
    text: `The server does not list its features: ${words}.`,
    remedy: 'Clients have to guess what it supports. A newer server lists them (FEAT, RFC 2389).',
  });
}

function findingOf(capabilities: Capabilities, lines: readonly string[]): Finding {
  const facts = { features: lines };
  const missing = WANTED.filter((feature) => !has(capabilities, feature));
  if (missing.length === 0) {
    return ok('features', `${lines.length} features, with ${WANTED.join(', ')}.`, facts);
  }
  return warning('features', {
    text: `${lines.length} features, without ${missing.join(', ')}.`,
    remedy: 'Listings, names, resuming or times are less exact with this server.',
    facts,
  });
}

function has(capabilities: Capabilities, feature: string): boolean {
  const [word = '', second] = feature.split(' ');
  return second === undefined ? capabilities.has(word) : capabilities.hasBoth(word, second);
}
