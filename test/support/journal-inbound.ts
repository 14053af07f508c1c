// The messages from phones for tests of the inbound API: read from the journal whenever it is asked.
import { inboundView } from '../../projections/inbound/inbound-view.js';
import { BEGINNING, type Journal } from '../../src/journal/journal.js';
import { conversationIdOf, toInboundEvent } from '../../src/message/inbound.events.js';
import { type InboundAnswer, type InboundSearch, InboundViews } from '../../src/status/inbound-views.js';

export class JournalInbound extends InboundViews {
  constructor(private readonly journal: Journal) {
    super();
  }

  override async find(inboundId: string): Promise<InboundAnswer | undefined> {
    return (await this.all()).find(({ id }) => id === inboundId);
  }

  override async search(search: InboundSearch): Promise<readonly InboundAnswer[]> {
    const { from, to, connector, since, after, limit } = search;
    const place = ({ receivedAt, id }: { receivedAt: string; id: string }): string => `${receivedAt} ${id}`;
    return (await this.all())
      .filter(
        (view) =>
          (from === undefined || view.from === from) &&
          (to === undefined || view.to === to) &&
          (connector === undefined || view.connector === connector) &&
          (since === undefined || view.receivedAt >= since) &&
          (after === undefined || place(view) < place(after)),
      )
      .sort((a, b) => (place(a) < place(b) ? 1 : -1))
      .slice(0, limit);
  }

  private async all(): Promise<InboundAnswer[]> {
    const events = await this.journal.readAll(BEGINNING, 1_000_000);
    return events.flatMap((recorded) => {
      const conversationId = conversationIdOf(recorded.stream);
      if (conversationId === undefined) return [];
      const event = toInboundEvent(recorded);
      if (event.type !== 'MessageReceived') return [];
      return [{ ...inboundView(event.data, conversationId, event.at), repeats: event.data.repeats }];
    });
  }
}
