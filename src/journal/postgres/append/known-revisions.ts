// Revisions that are known to exist. Events are never removed, so what was once seen stays true
// in every process, and an append after a known revision needs no look at the database first:
// the unique key alone decides whether somebody else was faster.

// Two generations instead of a linked list: no work per look-up, and a stream in use stays.
const GENERATION_STREAMS = 100_000;

export class KnownRevisions {
  private young = new Map<string, bigint>();
  private old = new Map<string, bigint>();

  constructor(private readonly generationStreams = GENERATION_STREAMS) {}

  has(stream: string, revision: bigint): boolean {
    const known = this.young.get(stream) ?? this.old.get(stream);
    return known !== undefined && known >= revision;
  }

  learn(stream: string, revision: bigint): void {
    this.young.set(stream, revision);
    if (this.young.size < this.generationStreams) return;
    this.old = this.young;
    this.young = new Map();
  }
}
