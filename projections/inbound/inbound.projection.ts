// What came from phones → one row per message, and one per message that still lacks parts.
import type { RecordedEvent } from '../../src/journal/journal.js';
import {
  conversationIdOf,
  type MessagePartReceived,
  type MessageReceived,
  toInboundEvent,
} from '../../src/message/inbound.events.js';
import { type Applied, type Statement, SubscriptionHandler } from '../../src/subscription/subscription.js';
import { StreamStops } from '../stream-stops.js';
import { type InboundView, inboundView } from './inbound-view.js';

export const INBOUND = 'inbound-v1';
export const INBOUND_SCHEMA = 'inbound';

interface ReceivedRow {
  readonly data: MessageReceived;
  readonly view: InboundView;
}

export class InboundProjection extends SubscriptionHandler {
  private readonly stops = new StreamStops();

  constructor(private readonly schema = INBOUND_SCHEMA) {
    super();
  }

  override reset(_checkpoint: bigint, stopped: ReadonlySet<string>): void {
    this.stops.reset(stopped);
  }

  override apply(events: readonly RecordedEvent[]): Promise<Applied> {
    const lacking = new Map<string, MessagePartReceived>();
    const received: ReceivedRow[] = [];
    const repeats = new Map<string, number>();
    const stopped = this.stops.through(events, (recorded) => {
      const conversationId = conversationIdOf(recorded.stream);
      if (conversationId === undefined) return;
      const event = toInboundEvent(recorded);
      switch (event.type) {
        case 'MessagePartReceived':
          if (!lacking.has(event.data.inboundId)) lacking.set(event.data.inboundId, event.data);
          break;
        case 'MessageReceived':
          received.push({ data: event.data, view: inboundView(event.data, conversationId, event.at) });
          break;
        case 'MessageRepeated':
          repeats.set(event.data.inboundId, event.data.repeats);
          break;
        case 'PhoneAvailable':
          break;
      }
    });
    const statements: Statement[] = [];
    // In this order: a message may lack parts, be received and be repeated within one batch.
    if (lacking.size > 0) statements.push(insertLacking(this.schema, [...lacking.values()]));
    if (received.length > 0)
      statements.push(insertReceived(this.schema, received), removeLacking(this.schema, received));
    if (repeats.size > 0) statements.push(updateRepeats(this.schema, repeats));
    return Promise.resolve({ statements, stopped });
  }
}

function insertLacking(schema: string, parts: readonly MessagePartReceived[]): Statement {
  return {
    name: `${schema}-lacking`,
    text: `insert into ${schema}.lacking_parts (inbound_id, give_up_at, our_number, their_number)
           select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[])
           on conflict (inbound_id) do nothing`,
    values: [
      parts.map(({ inboundId }) => inboundId),
      parts.map(({ giveUpAt }) => giveUpAt),
      parts.map(({ to }) => to),
      parts.map(({ personal }) => personal.from),
    ],
  };
}

function insertReceived(schema: string, rows: readonly ReceivedRow[]): Statement {
  return {
    name: `${schema}-received`,
    text: `insert into ${schema}.messages
             (inbound_id, received_at, connector, from_number, to_number, repeats, view)
           select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[],
                                $6::integer[], $7::json[])
           on conflict (inbound_id) do nothing`,
    values: [
      rows.map(({ data }) => data.inboundId),
      rows.map(({ view }) => view.receivedAt),
      rows.map(({ data }) => data.connector),
      rows.map(({ data }) => data.personal.from),
      rows.map(({ data }) => data.to),
      rows.map(({ data }) => data.repeats),
      rows.map(({ view }) => JSON.stringify(view)),
    ],
  };
}

function removeLacking(schema: string, rows: readonly ReceivedRow[]): Statement {
  return {
    name: `${schema}-complete`,
    text: `delete from ${schema}.lacking_parts where inbound_id = any($1::uuid[])`,
    values: [rows.map(({ data }) => data.inboundId)],
  };
}

/** Of a message that lacks parts there is no row yet: its MessageReceived will say the number. */
function updateRepeats(schema: string, repeats: ReadonlyMap<string, number>): Statement {
  return {
    name: `${schema}-repeated`,
    text: `update ${schema}.messages m set repeats = greatest(m.repeats, r.repeats)
           from unnest($1::uuid[], $2::integer[]) as r (inbound_id, repeats) where m.inbound_id = r.inbound_id`,
    values: [[...repeats.keys()], [...repeats.values()]],
  };
}
