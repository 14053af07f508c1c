// What every room stands on. Made before Nest starts (main.ts), because a service without its
// store must say so in one sentence and end, not half start.
import { type DynamicModule, Global, Module } from '@nestjs/common';
import pg from 'pg';
import { Clock, Randomness } from '../clock/clock.js';
import { Metrics } from '../health/metrics.js';
import type { Log } from '../health/log.js';
import { Journal } from '../journal/journal.js';
import { Backlog } from '../lifecycle/backlog.js';
import { JournaledLifecycle } from '../lifecycle/journaled-lifecycle.js';
import { MessageHandler } from '../lifecycle/message.handler.js';
import { RecentStates } from '../lifecycle/recent-states.js';
import { RecordedFeed } from '../lifecycle/recorded-feed.js';
import { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import { Leases } from '../subscription/leases.js';
import { Lifespan } from './lifespan.js';
import { countEvents } from './observers.js';

export interface Core {
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly log: Log;
  readonly pool: pg.Pool;
  readonly journal: Journal;
}

@Global()
@Module({})
export class CoreModule {
  static of({ clock, randomness, log, pool, journal }: Core): DynamicModule {
    const lifespan = new Lifespan(log);
    const backlog = new Backlog(clock);
    const recorded = new RecordedFeed();
    const states = new RecentStates();
    const leases = new Leases(pool, clock, log);
    lifespan.add({
      name: 'leases',
      floor: 'store',
      start: () => leases.start(),
      stop: () => leases.stop(),
    });
    const providers = [
      { provide: Clock, useValue: clock },
      { provide: Randomness, useValue: randomness },
      { provide: pg.Pool, useValue: pool },
      { provide: Journal, useValue: journal },
      { provide: Leases, useValue: leases },
      { provide: Backlog, useValue: backlog },
      { provide: RecordedFeed, useValue: recorded },
      { provide: RecentStates, useValue: states },
      { provide: Lifespan, useValue: lifespan },
      {
        provide: MessageLifecycle,
        useFactory: (metrics: Metrics) => {
          recorded.subscribe((events) => {
            countEvents(metrics, events);
            backlog.recorded(events);
          });
          return new JournaledLifecycle(journal, clock, randomness, recorded.publish, states);
        },
        inject: [Metrics],
      },
    ];
    return {
      module: CoreModule,
      providers: [...providers, MessageHandler],
      exports: providers.map(({ provide }) => provide),
    };
  }
}
