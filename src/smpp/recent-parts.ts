// Whose part an SMSC id stands for, for parts submitted by this process a moment ago: saves the
// look-up in the read model, which may not know them yet. Losing an entry loses nothing.
import { LRUCache } from 'lru-cache';
import type { PartOwner } from '../../projections/receipt-matching/receipt-matching.queries.js';

/** About 150 octets each; four seconds of traffic at full speed. */
const REMEMBERED = 30_000;

export class RecentParts {
  private readonly owners = new LRUCache<string, PartOwner>({ max: REMEMBERED });

  remember(connector: string, smscMessageId: string, owner: PartOwner): void {
    this.owners.set(keyOf(connector, smscMessageId), owner);
  }

  ownerOf(connector: string, smscMessageId: string): PartOwner | undefined {
    return this.owners.get(keyOf(connector, smscMessageId));
  }
}

function keyOf(connector: string, smscMessageId: string): string {
  return `${connector}\n${smscMessageId}`;
}
