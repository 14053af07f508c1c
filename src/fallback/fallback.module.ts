import { Module } from '@nestjs/common';
import { AWAITING_OUTCOME } from '../../projections/awaiting-outcome/awaiting-outcome.projection.js';
import { AwaitingOutcomeQueries } from '../../projections/awaiting-outcome/awaiting-outcome.queries.js';
import { Subscriptions } from '../../projections/subscriptions.js';
import { Lifespan } from '../boot/lifespan.js';
import { Clock } from '../clock/clock.js';
import { AppConfig } from '../config/config.js';
import { Log } from '../health/log.js';
import { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import { FallbackPoller } from './fallback-poller.js';

@Module({
  providers: [
    {
      provide: FallbackPoller,
      useFactory: (
        config: AppConfig,
        lifecycle: MessageLifecycle,
        awaiting: AwaitingOutcomeQueries,
        subscriptions: Subscriptions,
        clock: Clock,
        log: Log,
        lifespan: Lifespan,
      ) => {
        const poller = new FallbackPoller(lifecycle, awaiting, clock, log);
        if (config.roles.has('fallback')) {
          subscriptions.onMoved(AWAITING_OUTCOME, () => {
            poller.wake();
          });
          lifespan.add({
            name: 'fallback',
            floor: 'managers',
            start: () => {
              poller.start();
            },
            stop: () => poller.stop(),
          });
        }
        return poller;
      },
      inject: [AppConfig, MessageLifecycle, AwaitingOutcomeQueries, Subscriptions, Clock, Log, Lifespan],
    },
  ],
  exports: [FallbackPoller],
})
export class FallbackModule {}
