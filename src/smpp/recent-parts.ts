// Whose part an SMSC id stands for, for parts submitted by this process a moment ago: saves the
// look-up in the read model, which may not know them yet. Losing an entry loses nothing. All connectors
// of a process share one: a receipt may come through another connector of the group.
import { RecentMap } from '../memory/recent-map.js';
import type { PartOwner } from '../../projections/receipt-matching/receipt-matching.queries.js';

/** About 150 octets each, up to twice as many; three seconds of traffic at full speed. */
const REMEMBERED = 20_000;

type RememberedListener = (group: string, smscMessageId: string, owner: PartOwner) => void;

export class RecentParts {
  private readonly owners = new RecentMap<string, PartOwner>(REMEMBERED);

  private remembered: RememberedListener = () => undefined;

  /** Calls `listener` with each part as it gets its id. One listener. */
  onRemembered(listener: RememberedListener): void {
    this.remembered = listener;
  }

  remember(group: string, smscMessageId: string, owner: PartOwner): void {
    this.owners.set(keyOf(group, smscMessageId), owner);
    this.remembered(group, smscMessageId, owner);
  }

  /** The newest; whether the receipt's recipient fits is the message's to say. */
  ownerOf(group: string, smscMessageId: string): PartOwner | undefined {
    return this.owners.get(keyOf(group, smscMessageId));
  }
}

function keyOf(group: string, smscMessageId: string): string {
  return `${group}\n${smscMessageId}`;
}
