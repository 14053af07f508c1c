import { describe, expect, it } from '@jest/globals';
import { newUuid, uuidOf } from './ids.js';
import { SystemRandomness } from './system-clock.js';
import { SeededRandomness, VirtualClock } from './virtual-clock.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe.each([
  ['of the machine', new SystemRandomness()],
  ['from a seed', new SeededRandomness(1)],
])('with randomness %s', (_, randomness) => {
  it('a fresh id is a UUIDv7 that begins with the milliseconds since the epoch', () => {
    const clock = new VirtualClock(0x0123_4567_89ab);
    for (let n = 0; n < 100; n++) {
      const id = newUuid(clock, randomness);
      expect(id).toMatch(UUID_V7);
      expect(id.slice(0, 13)).toBe('01234567-89ab');
    }
    clock.advance(1);
    expect(newUuid(clock, randomness).slice(0, 13)).toBe('01234567-89ac');
  });

  it('varies every digit behind the version', () => {
    const clock = new VirtualClock();
    const ids = Array.from({ length: 1_000 }, () => newUuid(clock, randomness));
    for (let at = 15; at < 36; at++) {
      if (at === 18 || at === 23) continue;
      expect(new Set(ids.map((id) => id.charAt(at))).size).toBe(at === 19 ? 4 : 16);
    }
  });

  it('gives no id twice', () => {
    const clock = new VirtualClock();
    expect(new Set(Array.from({ length: 10_000 }, () => newUuid(clock, randomness))).size).toBe(10_000);
  });
});

it('the id of a name is the UUIDv5 that other implementations give', () => {
  // Python: uuid.uuid5(uuid.UUID('6f1c2b0e8d4a5c53a7f39b1de0c4a2b7'), name)
  expect(uuidOf('default/x1/47000/delivered/000/2611211551')).toBe('7a2885ca-84d4-5440-ad8d-273a8c83a614');
  expect(uuidOf('grün')).toBe('57370385-2c16-5cf6-99f5-d389ea5b5b89');
  expect(uuidOf('')).toBe('ed228c4d-cabb-526d-bc13-08f5422aa859');
});
