// Percentiles from a Prometheus histogram, between two readings of it.

/** Upper bound in seconds → observations up to it. */
export type Buckets = ReadonlyMap<number, number>;

export function histogramOf(text: string, name: string): Buckets {
  const buckets = new Map<number, number>();
  for (const [, bound, count] of text.matchAll(
    new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)$`, 'gm'),
  )) {
    buckets.set(bound === '+Inf' ? Infinity : Number(bound), Number(count));
  }
  return buckets;
}

/**
 * The value below which `share` of the observations between the readings lie, milliseconds,
 * interpolated within its bucket; NaN when there are none.
 */
export function percentileMs(before: Buckets, after: Buckets, share: number): number {
  const counts = [...after].map(([bound, count]) => ({ bound, count: count - (before.get(bound) ?? 0) }));
  const total = counts.at(-1)?.count ?? 0;
  let lower = { bound: 0, count: 0 };
  for (const bucket of counts) {
    if (bucket.count >= share * total && total > 0) {
      if (bucket.bound === Infinity) return Infinity;
      const within = (share * total - lower.count) / Math.max(1, bucket.count - lower.count);
      return Number(((lower.bound + within * (bucket.bound - lower.bound)) * 1000).toFixed(1));
    }
    lower = bucket;
  }
  return NaN;
}
