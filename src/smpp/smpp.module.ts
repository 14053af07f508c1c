// The ESME: one connector today, from SMPP_*. Sends what awaits its submit, records what comes back.
import { readFileSync } from 'node:fs';
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
import { AppConfig, type SmppConfig } from '../config/config.js';
import { Log } from '../health/log.js';
import { Metrics } from '../health/metrics.js';
import { Journal } from '../journal/journal.js';
import { RecordedFeed } from '../lifecycle/recorded-feed.js';
import { MessageLifecycle } from '../lifecycle/message-lifecycle.js';
import { Leases } from '../subscription/leases.js';
import type { ConnectorOptions } from './connector.options.js';
import { OutbindListener } from './inbound/outbind-listener.js';
import { Sender } from './sender.js';

/** The name of the one connector; its receipts are parked in the stream receipts-default. */
const CONNECTOR = 'default';

/** SMPP 3.4. */
const INTERFACE_VERSION = 0x34;

/** Jasmin's bind_to is 30 s; an SMSC that works answers within one. */
const BIND_TIMEOUT_MS = 10_000;

/** Kannel tries again after 60 s, Jasmin after 30 s; a throttled part waits less, the rate adapts. */
const RETRY_DELAY_MS = 1_000;

/** What data_coding 0 stands for at nearly every SMSC. */
const DEFAULT_ALPHABET = 'gsm7';

@Module({
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
        const { inDoubtPolicy } = config.smpp;
        const sender = new Sender(parts, {
          connector: connectorOptions(config.smpp),
          inbound: {
            defaultAlphabet: DEFAULT_ALPHABET,
            country: config.message.defaultCountry,
            ...config.inbound,
          },
          inDoubtPolicy,
          retryDelayMs: RETRY_DELAY_MS,
        });
        if (config.roles.has('smpp')) {
          subscriptions.onMoved(AWAITING_OUTCOME, () => {
            sender.wake();
          });
          subscriptions.onMoved(RECEIPT_MATCHING, () => {
            sender.receiptsMoved();
          });
          lifespan.add(sender);
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

function connectorOptions(smpp: SmppConfig): ConnectorOptions {
  return {
    name: CONNECTOR,
    // The built-in simulator's address is put into the configuration once it listens.
    host: smpp.host ?? '127.0.0.1',
    port: smpp.port,
    systemId: smpp.systemId,
    password: smpp.password.reveal(),
    systemType: smpp.systemType,
    bind: smpp.bind,
    tls: smpp.tlsCaFile === null ? smpp.tls : { ca: readFileSync(smpp.tlsCaFile, 'utf8') },
    windowSize: smpp.windowSize,
    submitsPerSecond: smpp.submitsPerSecond,
    responseTimeoutMs: smpp.responseTimeoutMs,
    enquireLinkIntervalMs: smpp.enquireLinkIntervalMs,
    bindTimeoutMs: BIND_TIMEOUT_MS,
    inactivityTimeoutMs: 0,
    interfaceVersion: INTERFACE_VERSION,
  };
}
