// Latencies in buckets whose width grows with the value: 32 buckets per power of two of
// microseconds, so a percentile is at most 3.2 % too high whatever its size.

const SUB_BUCKET_BITS = 5;
const SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
/** Up to 2^40 µs, twelve days. */
const BUCKETS = SUB_BUCKETS * (40 - SUB_BUCKET_BITS + 1);

export interface LatencySummary {
  readonly count: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export class LatencyHistogram {
  private readonly counts = new Float64Array(BUCKETS);
  private count = 0;
  private sumMs = 0;
  private minMs = Infinity;
  private maxMs = 0;

  record(latencyMs: number): void {
    const latency = Math.max(0, latencyMs);
    const bucket = Math.min(bucketOf(Math.floor(latency * 1000)), BUCKETS - 1);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.count += 1;
    this.sumMs += latency;
    if (latency < this.minMs) this.minMs = latency;
    if (latency > this.maxMs) this.maxMs = latency;
  }

  /** The latency that the given fraction of all records does not exceed; 0 when there are none. */
  percentileMs(fraction: number): number {
    const wanted = Math.max(1, Math.ceil(this.count * fraction));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      seen += this.counts[bucket] ?? 0;
      if (seen >= wanted) return Math.min(upperEdgeUs(bucket) / 1000, this.maxMs);
    }
    return this.maxMs;
  }

  summary(): LatencySummary {
    return {
      count: this.count,
      minMs: this.count === 0 ? 0 : this.minMs,
      meanMs: this.count === 0 ? 0 : this.sumMs / this.count,
      p50Ms: this.percentileMs(0.5),
      p90Ms: this.percentileMs(0.9),
      p99Ms: this.percentileMs(0.99),
      p999Ms: this.percentileMs(0.999),
      maxMs: this.maxMs,
    };
  }

  reset(): void {
    this.counts.fill(0);
    this.count = 0;
    this.sumMs = 0;
    this.minMs = Infinity;
    this.maxMs = 0;
  }
}

function bucketOf(us: number): number {
  if (us < SUB_BUCKETS) return us;
  const exponent = Math.floor(Math.log2(us)) - SUB_BUCKET_BITS;
  return exponent * SUB_BUCKETS + Math.floor(us / 2 ** exponent);
}

function upperEdgeUs(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket + 1;
  const exponent = Math.floor(bucket / SUB_BUCKETS) - 1;
  return (bucket - exponent * SUB_BUCKETS + 1) * 2 ** exponent;
}
