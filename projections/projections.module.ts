// The read models and their readers. Queries are there in every role; the readers run where the
// role `projections` runs.
import { Global, Module } from '@nestjs/common';
import pg from 'pg';
import { Lifespan } from '../src/boot/lifespan.js';
import { Clock } from '../src/clock/clock.js';
import { AppConfig } from '../src/config/config.js';
import { Log } from '../src/health/log.js';
import { Metrics } from '../src/health/metrics.js';
import { Journal } from '../src/journal/journal.js';
import { Backlog } from '../src/lifecycle/backlog.js';
import { RecentStates } from '../src/lifecycle/recent-states.js';
import { Leases } from '../src/subscription/leases.js';
import { Subscription, type SubscriptionHandler } from '../src/subscription/subscription.js';
import {
  AWAITING_OUTCOME,
  AWAITING_OUTCOME_SCHEMA,
  AwaitingOutcomeProjection,
} from './awaiting-outcome/awaiting-outcome.projection.js';
import { AwaitingOutcomeQueries } from './awaiting-outcome/awaiting-outcome.queries.js';
import { CALLS, CallsProjection } from './calls/calls.projection.js';
import { CallsQueries } from './calls/calls.queries.js';
import { INBOUND, InboundProjection } from './inbound/inbound.projection.js';
import { InboundQueries } from './inbound/inbound.queries.js';
import {
  MESSAGE_STATUS,
  MESSAGE_STATUS_SCHEMA,
  MessageStatusProjection,
} from './message-status/message-status.projection.js';
import { MessageStatusQueries } from './message-status/message-status.queries.js';
import { PartsPruner } from './receipt-matching/parts-pruner.js';
import {
  RECEIPT_MATCHING,
  ReceiptMatchingProjection,
} from './receipt-matching/receipt-matching.projection.js';
import { ReceiptMatchingQueries } from './receipt-matching/receipt-matching.queries.js';
import { Subscriptions } from './subscriptions.js';

/**
 * At full load a message lives for about 250 ms: a pause as long as that writes most of them once or
 * twice. Row changes per message in an upload of 60,000: 3.6 at 200 ms, 2.9 at 300 and at 400; 700 ms cost
 * Node more memory and time than they saved PostgreSQL. The other figures are guesses.
 */
const READING = { batchSize: 10_000, pauseMs: 25, loadedPauseMs: 300, loadedBatchSize: 500 };

@Global()
@Module({
  providers: [
    {
      provide: MessageStatusQueries,
      useFactory: (pool: pg.Pool) => new MessageStatusQueries(pool),
      inject: [pg.Pool],
    },
    {
      provide: AwaitingOutcomeQueries,
      useFactory: (pool: pg.Pool) => new AwaitingOutcomeQueries(pool),
      inject: [pg.Pool],
    },
    {
      provide: ReceiptMatchingQueries,
      useFactory: (pool: pg.Pool) => new ReceiptMatchingQueries(pool),
      inject: [pg.Pool],
    },
    { provide: CallsQueries, useFactory: (pool: pg.Pool) => new CallsQueries(pool), inject: [pg.Pool] },
    { provide: InboundQueries, useFactory: (pool: pg.Pool) => new InboundQueries(pool), inject: [pg.Pool] },
    {
      provide: Subscriptions,
      useFactory: (
        config: AppConfig,
        journal: Journal,
        pool: pg.Pool,
        leases: Leases,
        clock: Clock,
        log: Log,
        lifespan: Lifespan,
        metrics: Metrics,
        backlog: Backlog,
        states: RecentStates,
      ) => {
        const onVisible = (receivedAt: readonly string[]): void => {
          const now = clock.now();
          for (const at of receivedAt) metrics.receiptToVisible.observe((now - Date.parse(at)) / 1000);
        };
        const subscribe = (id: string, handler: SubscriptionHandler): Subscription => {
          const subscription = new Subscription(
            journal,
            pool,
            leases,
            clock,
            log,
            { id, ...READING },
            handler,
          );
          subscription.onMoved((events) => {
            backlog.read(id, events);
          });
          return subscription;
        };
        const subscriptions = new Subscriptions(pool, journal, [
          subscribe(
            MESSAGE_STATUS,
            new MessageStatusProjection(journal, MESSAGE_STATUS_SCHEMA, onVisible, states),
          ),
          subscribe(
            AWAITING_OUTCOME,
            new AwaitingOutcomeProjection(journal, AWAITING_OUTCOME_SCHEMA, states),
          ),
          subscribe(RECEIPT_MATCHING, new ReceiptMatchingProjection()),
          subscribe(CALLS, new CallsProjection()),
          subscribe(INBOUND, new InboundProjection()),
        ]);
        if (config.roles.has('projections')) {
          lifespan.add(subscriptions);
          lifespan.add(new PartsPruner(pool, clock, log));
        }
        return subscriptions;
      },
      inject: [AppConfig, Journal, pg.Pool, Leases, Clock, Log, Lifespan, Metrics, Backlog, RecentStates],
    },
  ],
  exports: [
    MessageStatusQueries,
    AwaitingOutcomeQueries,
    ReceiptMatchingQueries,
    CallsQueries,
    InboundQueries,
    Subscriptions,
  ],
})
export class ProjectionsModule {}
