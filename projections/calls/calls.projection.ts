// VoiceQueued → which message a gateway's session belongs to.
import type { RecordedEvent } from '../../src/journal/journal.js';
import { messageIdOf, toMessageEvent } from '../../src/lifecycle/message-stream.js';
import type { VoiceQueued } from '../../src/message/message.events.js';
import { type Applied, SubscriptionHandler } from '../../src/subscription/subscription.js';
import { StreamStops } from '../stream-stops.js';

export const CALLS = 'calls-v1';
export const CALLS_SCHEMA = 'calls';

export class CallsProjection extends SubscriptionHandler {
  private readonly stops = new StreamStops();

  constructor(private readonly schema = CALLS_SCHEMA) {
    super();
  }

  override reset(_checkpoint: bigint, stopped: ReadonlySet<string>): void {
    this.stops.reset(stopped);
  }

  override apply(events: readonly RecordedEvent[]): Promise<Applied> {
    const queued: (VoiceQueued & { readonly messageId: string })[] = [];
    const stopped = this.stops.through(events, (event) => {
      const messageId = messageIdOf(event.stream);
      if (event.type !== 'VoiceQueued' || messageId === undefined) return;
      const call = toMessageEvent(event);
      if (call.type === 'VoiceQueued') queued.push({ messageId, ...call.data });
    });
    if (queued.length === 0) return Promise.resolve({ statements: [], stopped });
    const statement = {
      name: `${this.schema}-queued`,
      text: `insert into ${this.schema}.sessions (session_id, message_id, attempt)
             select * from unnest($1::text[], $2::uuid[], $3::smallint[])
             on conflict (session_id) do nothing`,
      values: [
        queued.map(({ sessionId }) => sessionId),
        queued.map(({ messageId }) => messageId),
        queued.map(({ attempt }) => attempt),
      ],
    };
    return Promise.resolve({ statements: [statement], stopped });
  }
}
