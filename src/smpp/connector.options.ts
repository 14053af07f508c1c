// The settings of a connector, and the limits within which they can work.
import { checkQueryOptions, type QueryOptions, type ReplaceRule } from './asking/asking.options.js';
import type { SmscHost } from './host-rotation.js';
import type { TryLater } from './pdu/command-status.js';
import type { StatusOverrides } from './pdu/status-overrides.js';
import { DEFAULT_MAX_PDU_OCTETS } from './pdu/framer.js';
import { receiptDialect, type ReceiptOptions } from './pdu/receipt-options.js';
import { DEFAULT_REBIND_SCHEDULE, type RebindSchedule } from './session/rebind-backoff.js';
import type { BindFields, SubmitWith } from './session/session-options.js';
import type { TimerLimits } from './session/session-timers.js';
import type { TlsSettings } from './session/wire.js';
import { ConnectorOptionError } from './smpp.errors.js';

/** One account at one SMSC. */
export interface ConnectorOptions {
  /** As it stands in events, metrics and logs. */
  readonly name: string;
  /** Where the account can be bound, in the order of preference; at least one. */
  readonly hosts: readonly SmscHost[];
  readonly systemId: string;
  /** SMPP 3.4 §5.2.2 allows 8 characters; up to 64 are sent, because many SMSCs take more. */
  readonly password: string;
  readonly systemType?: string;
  /** split: one session that transmits and one that receives, for SMSCs without transceivers. */
  readonly bind: 'transceiver' | 'split';
  /** Sessions of each mode kept bound at once; 1 when absent. Window and timers are each session's own. */
  readonly bindCount?: number;
  /** Which numbers' messages come to this session (SMPP 3.4 §5.2.7); empty when absent. */
  readonly addressRange?: string;
  /** addr_ton and addr_npi of bind_* (§5.2.5, §5.2.6); 0 when absent. */
  readonly bindTon?: number;
  readonly bindNpi?: number;
  /** true: verified against the certificate authorities of Node, with the host as name. */
  readonly tls: boolean | TlsSettings;
  /** submit_sm that may await their answer at once. */
  readonly windowSize: number;
  /** submit_sm per second that the contract allows, counted per part; null: no limit. */
  readonly submitsPerSecond: number | null;
  readonly responseTimeoutMs: number;
  /** Silence of the SMSC after which it is asked whether it lives. */
  readonly enquireLinkIntervalMs: number;
  readonly bindTimeoutMs: number;
  /** Without any traffic but enquire_link for this long, the link is rebuilt; 0: never. */
  readonly inactivityTimeoutMs: number;
  /** 0x34 for SMPP 3.4. */
  readonly interfaceVersion: number;
  readonly connectTimeoutMs?: number;
  readonly partialPduTimeoutMs?: number;
  readonly maxPduOctets?: number;
  /** deliver_sm that may await our answer before the SMSC is made to wait. */
  readonly maxUnansweredDelivers?: number;
  readonly rebind?: Partial<RebindSchedule>;
  /** What a command_status means at this SMSC, where it differs from the specification. */
  readonly statusOverrides?: StatusOverrides;
  /** The PDU that carries a part; absent: submit_sm. */
  readonly submitWith?: SubmitWith;
  /** What the SMSC is answered while what it delivers cannot be stored; absent: ESME_RSYSERR. */
  readonly tryLaterWith?: TryLater;
  /** null or absent: the SMSC is not asked how messages stand. */
  readonly query?: QueryOptions | null;
  /** Absent: never. */
  readonly replace?: ReplaceRule;
  /**
   * Connectors of one group share their receipts: one may come through any of them, whichever made
   * the submit. Left out: its own name.
   */
  readonly group?: string;
  /** How the SMSC writes its receipts and ids. */
  readonly receipts?: ReceiptOptions;
}

export interface SessionSettings {
  readonly limits: TimerLimits;
  readonly maxPduOctets: number;
  readonly rebind: RebindSchedule;
}

/** SMSCs allow an account a handful; more is a slip of the pen. */
const MAX_BINDS = 100;
/** cloudhopper-smpp's value. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Jasmin's pdu_red_to. */
const PARTIAL_PDU_TIMEOUT_MS = 10_000;
/** A guess: an SMSC that has answered everything else answers unbind at once or never. */
const UNBIND_TIMEOUT_MS = 2_000;

export function settingsOf(options: ConnectorOptions): SessionSettings {
  return {
    limits: {
      connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      bindTimeoutMs: options.bindTimeoutMs,
      enquireLinkIntervalMs: options.enquireLinkIntervalMs,
      responseTimeoutMs: options.responseTimeoutMs,
      inactivityTimeoutMs: options.inactivityTimeoutMs === 0 ? Infinity : options.inactivityTimeoutMs,
      partialPduTimeoutMs: options.partialPduTimeoutMs ?? PARTIAL_PDU_TIMEOUT_MS,
      unbindTimeoutMs: UNBIND_TIMEOUT_MS,
    },
    maxPduOctets: options.maxPduOctets ?? DEFAULT_MAX_PDU_OCTETS,
    rebind: { ...DEFAULT_REBIND_SCHEDULE, ...options.rebind },
  };
}

/** The parameters of bind_*. Holds the password: never log them. */
export function bindFieldsOf(options: ConnectorOptions): BindFields {
  return {
    system_id: options.systemId,
    password: options.password,
    system_type: options.systemType ?? '',
    interface_version: options.interfaceVersion,
    addr_ton: options.bindTon ?? 0,
    addr_npi: options.bindNpi ?? 0,
    address_range: options.addressRange ?? '',
  };
}

/** @throws ConnectorOptionError that names the setting, what is wrong and what is possible. */
export function checkOptions(options: ConnectorOptions): void {
  checkText('systemId', options.systemId, 1, 15);
  checkText('password', options.password, 0, 64);
  checkText('systemType', options.systemType ?? '', 0, 12);
  checkText('addressRange', options.addressRange ?? '', 0, 40);
  checkNumber('bindTon', options.bindTon ?? 0, 0, 255);
  checkNumber('bindNpi', options.bindNpi ?? 0, 0, 255);
  checkNumber('bindCount', options.bindCount ?? 1, 1, MAX_BINDS);
  checkNumber('number of hosts', options.hosts.length, 1, 100);
  for (const { port } of options.hosts) checkNumber('port', port, 1, 65_535);
  checkNumber('windowSize', options.windowSize, 1, 100_000);
  checkNumber('interfaceVersion', options.interfaceVersion, 0, 255);
  checkNumber('responseTimeoutMs', options.responseTimeoutMs, 1, Number.MAX_SAFE_INTEGER);
  checkNumber('enquireLinkIntervalMs', options.enquireLinkIntervalMs, 1, Number.MAX_SAFE_INTEGER);
  checkNumber('bindTimeoutMs', options.bindTimeoutMs, 1, Number.MAX_SAFE_INTEGER);
  checkNumber('inactivityTimeoutMs', options.inactivityTimeoutMs, 0, Number.MAX_SAFE_INTEGER);
  if (options.interfaceVersion < 0x34 && options.submitWith === 'data_sm') {
    throw new ConnectorOptionError(
      'submitWith must be submit_sm with interfaceVersion 3.3, which has no data_sm',
    );
  }
  const query = options.query ?? null;
  if (query !== null) checkQueryOptions(query);
  receiptDialect(options.receipts);
  const { submitsPerSecond } = options;
  if (submitsPerSecond !== null && !(submitsPerSecond > 0 && Number.isFinite(submitsPerSecond))) {
    throw new ConnectorOptionError('submitsPerSecond must be above 0, or null for no limit');
  }
}

function checkNumber(field: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new ConnectorOptionError(`${field} must be a whole number from ${min} to ${max}, but is ${value}`);
}

// The value itself stays out of the message: it may be the password.
function checkText(field: string, value: string, minLength: number, maxLength: number): void {
  if (value.length < minLength || value.length > maxLength) {
    throw new ConnectorOptionError(
      `${field} must have ${minLength} to ${maxLength} characters, but has ${value.length}`,
    );
  }
  if (!/^[\x20-\x7e]*$/.test(value)) {
    throw new ConnectorOptionError(`${field} must be printable ASCII: SMPP has no other characters for it`);
  }
}
