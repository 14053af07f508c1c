// What the connectors and routes API asks and answers; the tests hold the answers against it.
import { z } from 'zod';
import { STRATEGIES } from './routing/route.js';
import { BIND_MODE, type BindMode } from './session/session-options.js';
import { PHASE_OF, type SessionState } from './session/session-state.js';

const count = z.int().min(0);

const MODES = Object.keys(BIND_MODE) as BindMode[];
const STATES = Object.keys(PHASE_OF) as SessionState[];

const SessionSchema = z.strictObject({
  bind: z.string().meta({ description: 'Mode and number, as in the metrics.', example: 'transceiver-1' }),
  mode: z.enum(MODES),
  host: z.string().meta({ description: 'Where it is bound, or dials next.' }),
  state: z.enum(STATES).meta({ description: 'Of SMPP; CLOSED between two sessions.' }),
  windowInUse: count,
  unansweredDelivers: count,
  binds: count,
  linksLost: count,
  submits: count,
  submitsAnswered: count,
  submitsTimedOut: count,
  submitsLinkLost: count,
  delivers: count.meta({ description: 'deliver_sm and data_sm received.' }),
});

export const ConnectorSchema = z.strictObject({
  name: z.string(),
  state: z.enum(['bound', 'paused', 'draining', 'drained', 'down', 'stopped']),
  reason: z.string(),
  since: z.iso.datetime(),
  hosts: z.array(z.string()),
  systemId: z.string(),
  binds: z.strictObject({ mode: z.enum(['transceiver', 'split']), wanted: count, up: count }),
  window: z.strictObject({ size: count, inUse: count }).meta({ description: 'submit_sm unanswered.' }),
  sessions: z
    .array(SessionSchema)
    .meta({ description: 'Each bind by itself; figures are since the connector was made.' }),
  rate: z
    .strictObject({
      contract: z.number().nullable(),
      now: z.number().nullable(),
      congestionState: z.int().nullable(),
    })
    .meta({
      description:
        'submit_sm per second; null: no limit. `now` is below the contract while throttled. `congestionState` as an SMSC of SMPP 5.0 told it within the last minute, 0 idle to 100 congested; null: it did not.',
    }),
  inDoubt: z.enum(['hold', 'resubmit']),
  queued: count.meta({ description: 'Messages read ahead and parts attempted, not yet in the window.' }),
  submits: count.meta({ description: 'submit_sm since the start.' }),
  receipts: z
    .record(z.string(), z.number())
    .meta({ description: 'Since the start, by what became of them.' }),
  unansweredDelivers: count,
  counters: z.record(z.string(), z.unknown()).meta({ description: 'Since the start, over all sessions.' }),
});

export const ConnectorPage = z.strictObject({ items: z.array(ConnectorSchema) });

const names = z.array(z.string());

export const ReloadedSchema = z.strictObject({
  added: names,
  changed: names,
  removed: names,
  unchanged: names,
});

const RouteSchema = z.strictObject({
  name: z.string(),
  when: z.record(z.string(), z.array(z.string())),
  to: z.array(z.strictObject({ connector: z.string(), weight: z.number() })),
  strategy: z.enum(STRATEGIES),
});

export const RoutePage = z.strictObject({ items: z.array(RouteSchema) });

/** A message as far as its route depends on it. */
export const RouteQuestion = z.strictObject({
  to: z.string().min(1).max(40),
  from: z.string().max(21).default(''),
  class: z.enum(['transactional', 'otp', 'marketing', 'emergency']).default('transactional'),
  priority: z.enum(['high', 'normal', 'low']).default('normal'),
  tenant: z.string().min(1).max(100).default('default'),
});

export const RouteAnswer = z.strictObject({
  route: z.string(),
  connector: z.string().nullable().meta({ description: 'null: none takes submits now, the message waits.' }),
  why: z.string(),
  connectors: z
    .array(z.strictObject({ name: z.string(), weight: z.number(), state: z.string(), reason: z.string() }))
    .meta({ description: 'Those of the route, in its order, as they stand now.' }),
});
