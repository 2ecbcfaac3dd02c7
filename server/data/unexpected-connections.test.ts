import { beforeEach, expect, test } from '@jest/globals';
import pino from 'pino';
import { UnexpectedConnections } from './unexpected-connections.ts';

let nowMs: number;
let lines: { readonly msg: string; readonly count?: number }[];
let connections: UnexpectedConnections;

beforeEach(() => {
  nowMs = 0;
  lines = [];
  const log = pino({}, { write: (line) => void lines.push(JSON.parse(line)) });
  connections = new UnexpectedConnections({ log, now: () => nowMs });
});

function count(times: number, peer = '192.0.2.1'): void {
  for (let time = 0; time < times; time += 1) connections.count(peer, 50_000);
}

test('an address is noisy from its third connection, until it has been quiet for 15 seconds', () => {
  count(2);
  expect(connections.isNoisy('192.0.2.1')).toBe(false);
  count(1);
  expect(connections.isNoisy('192.0.2.1')).toBe(true);
  expect(connections.isNoisy('192.0.2.2')).toBe(false);
  nowMs = 14_999;
  expect(connections.isNoisy('192.0.2.1')).toBe(true);
  nowMs = 15_000;
  expect(connections.isNoisy('192.0.2.1')).toBe(false);
  count(1);
  expect(connections.isNoisy('192.0.2.1')).toBe(false);
});

test('100 connections within a second, of any addresses, begin a storm of 10 seconds', () => {
  count(99);
  nowMs = 1000;
  count(1);
  expect(connections.isStorm).toBe(false);
  for (let host = 0; host < 99; host += 1) count(1, `192.0.2.${host}`);
  expect(connections.isStorm).toBe(true);
  nowMs = 11_000;
  expect(connections.isStorm).toBe(false);
});

test('a flood makes a few log lines, which count all of it', () => {
  count(1000);
  nowMs = 10_000;
  count(1);
  const dropped = lines.filter(({ msg }) => msg === 'dropped unexpected data connection');
  expect(dropped.length).toBeLessThan(6);
  expect(dropped.reduce((sum, line) => sum + (line.count ?? 0), 0)).toBe(1001);
});
