// Receiver sessions over connections that the SMSC opened (outbind). They last as long as the SMSC
// keeps them: a lost one is not rebuilt, the SMSC will invite again.
import type { Logger } from 'pino';
import type { Clock } from '../../clock/clock.js';
import type { ConnectorListener } from '../connector.js';
import { bindFieldsOf, type ConnectorOptions, settingsOf } from '../connector.options.js';
import { StatusTable } from '../pdu/command-status.js';
import { DeliverBudget } from '../session/deliver-budget.js';
import { newCounters } from '../session/session-counters.js';
import { Session } from '../session/session.js';
import type { Dialled } from '../session/wire.js';

/** A guess: an SMSC that invites again before its last session is gone should still get through. */
const MAX_SESSIONS = 4;

export class InvitedSessions {
  private readonly sessions = new Set<Session<never>>();
  private readonly deliverBudget: DeliverBudget;
  private stopping = false;
  private gone: () => void = () => undefined;

  constructor(
    private readonly options: ConnectorOptions,
    private readonly clock: Clock,
    private readonly log: Pick<Logger, 'info' | 'debug' | 'warn' | 'error'>,
    private readonly listener: Pick<ConnectorListener<never>, 'delivered' | 'alerted'>,
  ) {
    this.deliverBudget = new DeliverBudget(options.maxUnansweredDelivers);
  }

  get count(): number {
    return this.sessions.size;
  }

  /** Binds over this connection, which is ready already. False: there are enough, or we are stopping. */
  accept(dialled: Dialled): boolean {
    if (this.stopping || this.sessions.size >= MAX_SESSIONS) return false;
    const { options, listener } = this;
    const { limits, maxPduOctets } = settingsOf(options);
    const session = new Session<never>(
      {
        mode: 'receiver',
        bindFields: bindFieldsOf(options),
        windowSize: 1,
        limits,
        maxPduOctets,
        statuses: new StatusTable(options.statusOverrides),
        deliverBudget: this.deliverBudget,
        ...(options.tryLaterWith === undefined ? {} : { tryLaterWith: options.tryLaterWith }),
      },
      dialled,
      this.clock,
      this.log,
      newCounters(),
      {
        submitsEnded: () => undefined,
        submitAnsweredLate: () => undefined,
        capacityChanged: () => undefined,
        delivered: listener.delivered.bind(listener),
        alerted: (alerts) => listener.alerted?.(alerts),
        bound: () => {
          this.log.info({ connector: options.name }, 'bound as a receiver by outbind');
        },
        closed: ({ cause, detail }) => {
          this.log.info({ connector: options.name, cause, detail }, 'the session by outbind has ended');
          this.sessions.delete(session);
          this.gone();
        },
      },
    );
    this.sessions.add(session);
    return true;
  }

  /** Unbinds once what was delivered is answered; resolves when every session is gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    for (const session of this.sessions) session.leave('stopped');
    while (this.sessions.size > 0) {
      await new Promise<void>((resolve) => {
        this.gone = resolve;
      });
    }
  }
}
