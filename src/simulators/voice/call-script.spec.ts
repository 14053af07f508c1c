import { describe, expect, it } from '@jest/globals';
import { SeededRandomness } from '../../clock/virtual-clock.js';
import { CALL_ENDS, scriptByRule } from './call-script.js';

const randomness = new SeededRandomness(7);

describe('the rule of a simulated call', () => {
  it.each([
    ['0', { end: 'answered' }],
    ['1', { end: 'silent' }],
    ['2', { response: 'insufficient-credit' }],
    ['3', { end: 'declined' }],
    ['4', { end: 'unreachable' }],
    ['5', { end: 'answered' }],
    ['6', { end: 'busy' }],
    ['7', { end: 'no-answer' }],
    ['8', { end: 'invalid-number' }],
    ['9', { end: 'answered' }],
  ])('by the digit %s', (digit, script) => {
    expect(scriptByRule(`+25471108280${digit}`, 'last-digit', {}, randomness)).toEqual(script);
    expect(scriptByRule(`+2547110828${digit}0`, 'tens-digit', {}, randomness)).toEqual(script);
  });

  it('says nothing of a number that ends in no digit', () => {
    expect(scriptByRule('somebody', 'last-digit', {}, randomness)).toEqual({});
  });

  it('follows the shares, and never draws what has none', () => {
    const drawn = new Map<string, number>();
    for (let calls = 0; calls < 10_000; calls += 1) {
      const { end = 'none' } = scriptByRule('+254711082880', 'shares', { answered: 3, busy: 1 }, randomness);
      drawn.set(end, (drawn.get(end) ?? 0) + 1);
    }
    expect([...drawn.keys()].toSorted()).toEqual(['answered', 'busy']);
    expect((drawn.get('answered') ?? 0) / 10_000).toBeCloseTo(0.75, 1);
  });

  it('knows every end by a digit', () => {
    const byDigit = Array.from(
      { length: 10 },
      (_, digit) => scriptByRule(String(digit), 'last-digit', {}, randomness).end,
    );
    expect(CALL_ENDS.filter((end) => !byDigit.includes(end))).toEqual([]);
  });
});
