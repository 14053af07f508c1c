// A session on an in-memory wire and a virtual clock, for its specs.
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { encodePdu } from '../../src/smpp/link.js';
import { STANDARD_STATUSES } from '../../src/smpp/pdu/command-status.js';
import type { ReceivedDeliver } from '../../src/smpp/session/received-deliver.js';
import { DeliverBudget } from '../../src/smpp/session/deliver-budget.js';
import { Session } from '../../src/smpp/session/session.js';
import { newCounters, type SessionCounters } from '../../src/smpp/session/session-counters.js';
import type { SessionOptions } from '../../src/smpp/session/session-options.js';
import type { SessionEnd } from '../../src/smpp/session/session-state.js';
import { FakeWire } from './fake-wire.js';

export const SESSION_LIMITS = {
  connectTimeoutMs: 5000,
  bindTimeoutMs: 5000,
  enquireLinkIntervalMs: 30_000,
  responseTimeoutMs: 10_000,
  inactivityTimeoutMs: Infinity,
  partialPduTimeoutMs: 4000,
  unbindTimeoutMs: 2000,
};

const OPTIONS: Omit<SessionOptions, 'deliverBudget'> = {
  mode: 'transceiver',
  bindFields: {
    system_id: 'surereach',
    password: 's3cret',
    system_type: '',
    interface_version: 0x34,
    addr_ton: 0,
    addr_npi: 0,
    address_range: '',
  },
  windowSize: 10,
  limits: SESSION_LIMITS,
  maxPduOctets: 73_728,
  statuses: STANDARD_STATUSES,
};

interface LogLine {
  readonly level: 'debug' | 'warn' | 'error';
  readonly fields: unknown;
  readonly message: string;
}

export interface SessionOnWire {
  readonly clock: VirtualClock;
  readonly wire: FakeWire;
  readonly counters: SessionCounters;
  /** What the session told, in order and in words. */
  readonly told: string[];
  readonly logged: LogLine[];
  readonly delivers: ReceivedDeliver[];
  readonly closed: SessionEnd[];
  readonly session: Session<string>;
}

/** A session on an in-memory wire; everything it tells stands in `told`, in order. */
export function newSession(
  overrides: Partial<SessionOptions> = {},
  say: Partial<Record<'submitsEnded' | 'delivered', () => void>> = {},
): SessionOnWire {
  const clock = new VirtualClock();
  const wire = new FakeWire();
  const counters = newCounters();
  const told: string[] = [];
  const delivers: ReceivedDeliver[] = [];
  const closed: SessionEnd[] = [];
  const logged: LogLine[] = [];
  const keep =
    (level: LogLine['level']) =>
    (fields: unknown, message = ''): void =>
      void logged.push({ level, fields, message });
  const session = new Session<string>(
    { ...OPTIONS, deliverBudget: new DeliverBudget(), ...overrides },
    wire.dialled,
    clock,
    { debug: keep('debug'), warn: keep('warn'), error: keep('error') },
    counters,
    {
      submitsEnded: (ends) => {
        for (const { tag, end } of ends) {
          const how = end.end === 'answered' ? `${String(end.commandStatus)} ${end.smscMessageId}` : end.end;
          told.push(`${tag}: ${how}`.trim());
        }
        say.submitsEnded?.();
      },
      submitAnsweredLate: (answers) => {
        for (const { tag, smscMessageId } of answers) told.push(`${tag}: late ${smscMessageId}`);
      },
      delivered: (pdus) => {
        delivers.push(...pdus);
        told.push(`delivered ${String(pdus.length)}`);
        say.delivered?.();
      },
      alerted: (alerts) => {
        for (const { sourceAddr, availabilityStatus } of alerts)
          told.push(`alert ${sourceAddr} ${String(availabilityStatus)}`);
      },
      congested: (state) => told.push(`congested ${String(state)}`),
      capacityChanged: () => undefined,
      bound: () => told.push('bound'),
      closed: (end) => {
        closed.push(end);
        told.push(`closed ${end.cause}`);
      },
    },
  );
  return { clock, wire, counters, told, logged, delivers, closed, session };
}

/** The same, bound; what it told on the way is forgotten. */
export async function boundSession(...args: Parameters<typeof newSession>): Promise<SessionOnWire> {
  const made = newSession(...args);
  await made.wire.bind(`bind_${args[0]?.mode ?? 'transceiver'}`);
  made.told.length = 0;
  return made;
}

export const answer = (sequenceNumber: number, messageId: string): Buffer =>
  encodePdu('submit_sm_resp', sequenceNumber, { message_id: messageId });
export const refusal = (sequenceNumber: number, status: number): Buffer =>
  encodePdu('submit_sm_resp', sequenceNumber, { command_status: status });
export const receipt = (sequenceNumber: number): Buffer =>
  encodePdu('deliver_sm', sequenceNumber, {
    source_addr: '447700900123',
    destination_addr: 'SureReach',
    esm_class: 4,
    short_message: Buffer.from('id:1 stat:DELIVRD err:000'),
  });
