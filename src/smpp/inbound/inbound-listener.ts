// What an SMSC delivers and is no receipt → durable. The caller answers ESME_ROK when `received`
// resolves, and tryLaterWith when it rejects, so that the SMSC delivers again: nothing is lost either
// way, and what was durable after all is recognised as a repeat.
import type { Clock, Randomness } from '../../clock/clock.js';
import { newUuid } from '../../clock/ids.js';
import type { IncomingDeliver } from '../connector.js';
import type { AlertNotification } from '../pdu/alert-notification.js';
import { type ArrivalOptions, readArrival } from './arrival.js';
import type { Conversations } from './conversations.js';
import { partyOf } from './party.js';

export interface InboundOptions extends ArrivalOptions {
  /** How long the other parts of a message are waited for. */
  readonly partsTimeoutSeconds: number;
  /** How long the same content counts as a repeat of the first; 0: never. */
  readonly repeatSeconds: number;
}

export class InboundListener {
  constructor(
    private readonly conversations: Pick<Conversations, 'handle'>,
    private readonly options: InboundOptions,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {}

  /**
   * Resolves when all of them are durable. @throws what Conversations.handle throws, for the first that
   * is not: answer all of them so that they come again.
   */
  async received(delivers: readonly Pick<IncomingDeliver, 'pdu'>[]): Promise<void> {
    const at = this.clock.isoNow();
    const { partsTimeoutSeconds, repeatSeconds } = this.options;
    await Promise.all(
      delivers.map(({ pdu }) => {
        const arrival = readArrival(pdu, this.options);
        return this.conversations.handle(
          { ours: arrival.to, theirs: arrival.from },
          {
            type: 'ReceiveMessage',
            at,
            inboundId: newUuid(this.clock, this.randomness),
            partsTimeoutSeconds,
            repeatSeconds,
            ...arrival,
          },
        );
      }),
    );
  }

  /** Phones that can be reached again. Nobody waits for an answer (SMPP 3.4 §4.12): a failure loses them. */
  async available(alerts: readonly AlertNotification[]): Promise<void> {
    const { connector, country } = this.options;
    const at = this.clock.isoNow();
    await Promise.all(
      alerts.map(({ esmeAddr, esmeTon, sourceAddr, sourceTon, availabilityStatus }) => {
        const to = partyOf(esmeAddr, esmeTon, country);
        const from = partyOf(sourceAddr, sourceTon, country);
        return this.conversations.handle(
          { ours: to, theirs: from },
          { type: 'NoteAvailability', at, connector, to, from, availabilityStatus },
        );
      }),
    );
  }
}
