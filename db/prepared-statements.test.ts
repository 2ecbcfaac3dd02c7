import { expect, test } from '@jest/globals';
import SQLite from 'better-sqlite3';
import { PreparedStatements } from './prepared-statements.ts';

test('a statement is prepared once, until many others have been used', () => {
  const sqlite = new SQLite(':memory:');
  const statements = new PreparedStatements(sqlite);
  const first = statements.prepare('select 1');
  expect(statements.prepare('select 1')).toBe(first);
  for (let value = 2; value < 300; value += 1) statements.prepare(`select ${value}`);
  expect(statements.prepare('select 1')).not.toBe(first);
  sqlite.close();
});

test('a statement outlives a change of the schema', () => {
  const sqlite = new SQLite(':memory:');
  const statements = new PreparedStatements(sqlite);
  statements.prepare('create table t (a)').run();
  const sql = 'select * from t';
  statements.prepare('insert into t values (1)').run();
  expect(statements.prepare(sql).all()).toEqual([{ a: 1 }]);
  statements.prepare('alter table t add column b').run();
  expect(statements.prepare(sql).all()).toEqual([{ a: 1, b: null }]);
  sqlite.close();
});
