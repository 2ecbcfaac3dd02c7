import { expect, test } from '@jest/globals';
import { RandomSet } from './random-set.ts';

test('draws each member once, in varying order', () => {
  const orders = Array.from({ length: 20 }, () => {
    const set = new RandomSet<number>();
    for (let member = 0; member < 10; member += 1) set.add(member);
    return Array.from({ length: 10 }, () => set.draw());
  });
  for (const order of orders) expect(new Set(order).size).toBe(10);
  expect(new Set(orders.map(String)).size).toBeGreaterThan(10);
});

test('a member that was removed, from any place, is not drawn', () => {
  for (const removed of ['a', 'b', 'c']) {
    const set = new RandomSet<string>();
    for (const member of ['a', 'b', 'c', 'b']) set.add(member);
    set.delete(removed);
    set.delete('d');
    expect(set.size).toBe(2);
    expect(set.has(removed)).toBe(false);
    expect([set.draw(), set.draw()].sort()).toEqual(['a', 'b', 'c'].filter((m) => m !== removed));
    expect(set.draw()).toBeUndefined();
  }
});
