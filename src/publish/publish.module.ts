// The feed of lifecycle events. Without KAFKA_BROKERS, or without the role, there is none.
import { Module } from '@nestjs/common';
import pg from 'pg';
import { Lifespan } from '../boot/lifespan.js';
import { Clock } from '../clock/clock.js';
import { AppConfig } from '../config/config.js';
import { HealthChecks } from '../health/health-checks.js';
import { Log } from '../health/log.js';
import { Metrics } from '../health/metrics.js';
import { Journal } from '../journal/journal.js';
import { Leases } from '../subscription/leases.js';
import { Feed } from './feed.js';
import { KafkaProducer } from './kafka-producer.js';

@Module({
  providers: [
    {
      provide: Feed,
      useFactory: (
        { kafka, roles }: AppConfig,
        journal: Journal,
        pool: pg.Pool,
        leases: Leases,
        clock: Clock,
        log: Log,
        lifespan: Lifespan,
        metrics: Metrics,
        health: HealthChecks,
      ) => {
        if (kafka === null || !roles.has('publish')) return null;
        const producer = new KafkaProducer(kafka, clock, log);
        const feed = new Feed({ journal, pool, leases, clock, log, metrics, producer }, kafka.personalData);
        lifespan.add(feed);
        metrics.onRender(async () => {
          metrics.feedLag.set(Number(await feed.lag()));
        });
        health.add('feed', () => feed.health());
        return feed;
      },
      inject: [AppConfig, Journal, pg.Pool, Leases, Clock, Log, Lifespan, Metrics, HealthChecks],
    },
  ],
})
export class PublishModule {}
