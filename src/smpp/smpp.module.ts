// The ESME: the connectors and the routes between them. Sends what awaits its submit, records what
// comes back.
import { Module } from '@nestjs/common';
import { AWAITING_OUTCOME } from '../../projections/awaiting-outcome/awaiting-outcome.projection.js';
import { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { InboundQueries } from '../../projections/inbound/inbound.queries.js';
import { MessageStatusQueries } from '../../projections/message-status/message-status.queries.js';
import { RECEIPT_MATCHING } from '../../projections/receipt-matching/receipt-matching.projection.js';
import { ReceiptMatchingQueries } from '../../projections/receipt-matching/receipt-matching.queries.js';
import { Subscriptions } from '../../projections/subscriptions.js';
import { Lifespan } from '../boot/lifespan.js';
import { Clock, Randomness } from '../clock/clock.js';
import { AppConfig } from '../config/config.js';
import { Log } from '../health/log.js';
import { Metrics } from '../health/metrics.js';
import { Journal } from '../journal/journal.js';
import { RecordedFeed } from '../lifecycle/recorded-feed.js';
import { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import { Leases } from '../subscription/leases.js';
import { ConnectorsController } from './connectors.controller.js';
import { OutbindListener } from './inbound/outbind-listener.js';
import { RoutesController } from './routes.controller.js';
import { Sender } from './sender.js';
import { connectorSetOf } from './settings/connector-set.js';
import { UnclaimedReceipts } from './unclaimed-receipts.js';

@Module({
  controllers: [ConnectorsController, RoutesController],
  providers: [
    {
      provide: Sender,
      useFactory: (
        config: AppConfig,
        lifecycle: MessageLifecycle,
        journal: Journal,
        leases: Leases,
        recorded: RecordedFeed,
        awaiting: AwaitingOutcomeQueries,
        matching: ReceiptMatchingQueries,
        statuses: MessageStatusQueries,
        inbound: InboundQueries,
        subscriptions: Subscriptions,
        clock: Clock,
        randomness: Randomness,
        log: Log,
        lifespan: Lifespan,
        metrics: Metrics,
      ) => {
        const onFirstSubmit = (delayMs: number): void => {
          metrics.acceptToSubmit.observe(delayMs / 1000);
        };
        const parts = {
          lifecycle,
          journal,
          leases,
          recorded,
          awaiting,
          matching,
          inDoubt: statuses,
          sent: statuses,
          overdueParts: inbound,
          clock,
          randomness,
          log,
          onFirstSubmit,
        };
        const sender = new Sender(parts, connectorSetOf(config));
        if (config.roles.has('smpp')) {
          subscriptions.onMoved(AWAITING_OUTCOME, () => {
            sender.wake();
          });
          subscriptions.onMoved(RECEIPT_MATCHING, () => {
            sender.receiptsMoved();
          });
          lifespan.add(sender);
          lifespan.add(
            new UnclaimedReceipts(matching, subscriptions, journal, leases, clock, randomness, log),
          );
          if (config.outbind !== null) {
            const outbind = { ...config.outbind, password: config.outbind.password.reveal() };
            lifespan.add(new OutbindListener(outbind, clock, log, (dialled) => sender.invited(dialled)));
          }
        }
        return sender;
      },
      inject: [
        AppConfig,
        MessageLifecycle,
        Journal,
        Leases,
        RecordedFeed,
        AwaitingOutcomeQueries,
        ReceiptMatchingQueries,
        MessageStatusQueries,
        InboundQueries,
        Subscriptions,
        Clock,
        Randomness,
        Log,
        Lifespan,
        Metrics,
      ],
    },
  ],
  exports: [Sender],
})
export class SmppModule {}
