// The port behind GET /v1/inbound: what the read model answers. It follows the journal and may be a
// moment behind it.
import type { InboundView } from '../../projections/inbound/inbound-view.js';

export interface InboundAnswer extends InboundView {
  readonly repeats: number;
}

/** Where a page ended: the next one continues behind it. */
export interface InboundCursor {
  readonly receivedAt: string;
  readonly id: string;
}

export interface InboundSearch {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly connector?: string | undefined;
  /** Received at or after this instant. */
  readonly since?: string | undefined;
  readonly after?: InboundCursor | undefined;
  readonly limit: number;
}

export abstract class InboundViews {
  abstract find(inboundId: string): Promise<InboundAnswer | undefined>;

  /** By receivedAt, newest first. */
  abstract search(search: InboundSearch): Promise<readonly InboundAnswer[]>;
}
