import { describe, expect, it } from '@jest/globals';
import { RecentMap } from './recent-map.js';

describe('RecentMap', () => {
  it('holds at least so many of the newest entries, and never twice as many', () => {
    const map = new RecentMap<number, string>(10);
    for (let key = 0; key < 100; key++) {
      map.set(key, String(key));
      const held = Array.from({ length: key + 1 }, (_, earlier) => earlier).filter((earlier) =>
        map.has(earlier),
      );
      expect(held.length).toBeGreaterThanOrEqual(Math.min(10, key + 1));
      expect(held.length).toBeLessThan(20);
      expect(held).toEqual(held.map((_, index) => key - held.length + 1 + index));
    }
  });

  it('keeps what is set again, with its newest value', () => {
    const map = new RecentMap<string, number>(10);
    for (let n = 0; n < 100; n++) {
      map.set(`passing ${String(n)}`, n);
      if (n % 5 === 0) map.set('in use', n);
      expect(map.get('in use')).toBe(n - (n % 5));
    }
  });

  it('forgets what is deleted, in whichever generation it is', () => {
    const map = new RecentMap<number, number>(3);
    for (let key = 1; key <= 4; key++) map.set(key, key);
    map.set(1, 10); // in both now
    map.delete(1);
    map.delete(4);
    expect([1, 2, 3, 4].map((key) => map.get(key))).toEqual([undefined, 2, 3, undefined]);
    map.clear();
    expect(map.has(2)).toBe(false);
  });
});
