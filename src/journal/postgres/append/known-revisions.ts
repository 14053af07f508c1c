// Revisions that are known to exist. Events are never removed, so what was once seen stays true
// in every process, and an append after a known revision needs no look at the database first:
// the unique key alone decides whether somebody else was faster.
import { RecentMap } from '../../../memory/recent-map.js';

/** Five to ten seconds of new streams at full speed; about 130 octets each, up to twice as many. */
const REMEMBERED_STREAMS = 30_000;

export class KnownRevisions {
  private readonly revisions: RecentMap<string, bigint>;

  constructor(remembered = REMEMBERED_STREAMS) {
    this.revisions = new RecentMap(remembered);
  }

  has(stream: string, revision: bigint): boolean {
    const known = this.revisions.get(stream);
    return known !== undefined && known >= revision;
  }

  learn(stream: string, revision: bigint): void {
    this.revisions.set(stream, revision);
  }
}
