import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LatencyHistogram } from './latency-histogram.js';

describe('LatencyHistogram', () => {
  it('gives percentiles that are never too low and at most 4 % or a microsecond too high', () => {
    const latencies = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), {
      minLength: 1,
      maxLength: 300,
    });
    fc.assert(
      fc.property(latencies, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, fraction) => {
        const histogram = new LatencyHistogram();
        for (const value of values) histogram.record(value);
        const exact =
          values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * fraction) - 1)] ?? NaN;
        const found = histogram.percentileMs(fraction);
        expect(found).toBeGreaterThanOrEqual(exact - 1e-9);
        expect(found).toBeLessThanOrEqual(exact * 1.04 + 0.001);
      }),
    );
  });

  it('counts, averages and remembers the extremes', () => {
    const histogram = new LatencyHistogram();
    for (const value of [1, 2, 9]) histogram.record(value);
    expect(histogram.summary()).toMatchObject({ count: 3, minMs: 1, meanMs: 4, maxMs: 9 });
  });

  it('is all zero before the first record and after a reset', () => {
    const histogram = new LatencyHistogram();
    const empty = histogram.summary();
    expect(Object.values(empty).every((value) => value === 0)).toBe(true);
    histogram.record(5);
    histogram.reset();
    expect(histogram.summary()).toEqual(empty);
  });
});
