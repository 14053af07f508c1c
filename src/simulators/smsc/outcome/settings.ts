// Every knob of the simulator. All can be changed while it runs: PATCH /settings, or
// `SmscSimulator.change` in a test. A change holds for submits that arrive after it.
import { z } from 'zod';
import { OptionInvalidError } from '../smsc-simulator.errors.js';
import { CommandStatus } from '../wire/pdu.js';
import { RECEIPT_STATS } from './receipt-state.js';

const share = z.number().min(0).max(1);
const milliseconds = z.number().min(0).max(3_600_000);
const count = z.int().min(0).max(1_000_000);
const status = z.int().min(1).max(0xffffffff);
/** 0: judged as usual. */
const statusOrUsual = z.int().min(0).max(0xffffffff);
const idFormat = z.enum(['decimal', 'hexadecimal']);

/** fin: answers written so far arrive, then the link closes. rst: the link breaks at once. */
export const disconnectMode = z.enum(['fin', 'rst']);
export type DisconnectMode = z.infer<typeof disconnectMode>;

/**
 * What becomes of an accepted message. `silent` sends no receipt at all. The others send the
 * final receipt of that name; acceptedThenDelivered sends ACCEPTD first.
 */
export const OUTCOMES = [
  'delivered',
  'undeliverable',
  'expired',
  'rejected',
  'acceptedThenDelivered',
  'silent',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

const outcomeShares = z
  .strictObject({
    delivered: share.default(0),
    undeliverable: share.default(0),
    expired: share.default(0),
    rejected: share.default(0),
    acceptedThenDelivered: share.default(0),
    silent: share.default(0),
  } satisfies Record<Outcome, unknown>)
  .refine((shares) => Math.abs(OUTCOMES.reduce((sum, name) => sum + shares[name], 0) - 1) < 1e-6, {
    message: 'the shares must add up to 1',
  });

const settingsSchema = z.strictObject({
  /** by-last-digit: see LAST_DIGIT_OUTCOMES. Otherwise shares of all messages, adding up to 1. */
  outcomes: z.union([z.literal('by-last-digit'), outcomeShares]),

  /** From submit_sm to the receipt, and from the first receipt of a message to the next. */
  receiptDelayMs: milliseconds,
  /** Further copies of every receipt. */
  duplicateReceipts: count,
  /** After the final receipt another one that says the opposite. */
  contradictingReceipts: z.boolean(),
  /** The first receipt leaves before the submit_sm_resp … */
  receiptsBeforeResponse: z.boolean(),
  /** … and the response follows this much later; 0: directly behind it. */
  receiptLeadMs: milliseconds,
  /** Whether receipts carry receipted_message_id, message_state and network_error_code. */
  receiptTlvs: z.boolean(),

  /** Base of the message id in submit_sm_resp. */
  messageIdFormat: idFormat,
  /** Base of the message id in receipts. `same`: exactly the string of the submit_sm_resp. */
  receiptIdFormat: z.enum(['same', 'decimal', 'hexadecimal']),
  /** The receipt's id is filled up with zeros on the left to this many digits; 0: not. */
  receiptIdDigits: z.int().min(0).max(64),

  /** Messages remembered for query_sm, cancel_sm and replace_sm: the newest so many. */
  keepMessages: count,
  /** What query_sm says of a message without receipts, receiptDelayMs after its submit. */
  silentState: z.enum(RECEIPT_STATS),
  /** Whether a cancelled message that asked for receipts gets one: DELETED. */
  receiptOnCancel: z.boolean(),
  /** Every query_sm, cancel_sm or replace_sm is refused with this command_status. */
  queryStatus: statusOrUsual,
  cancelStatus: statusOrUsual,
  replaceStatus: statusOrUsual,
  /** SMPP 3.4 Table 2-1 gives replace_sm to transmitters alone. */
  replaceOnTransceiver: z.boolean(),
  /** False: query_sm, cancel_sm and replace_sm take effect, but are never answered. */
  answerAsks: z.boolean(),

  /** deliver_sm without an answer, at most, per session; 0: no limit. */
  deliverWindow: count,
  /** Unanswered for this long: the receipt is sent again; 0: never. */
  deliverResponseTimeoutMs: milliseconds,
  /** Whether a receipt refused with one of retriedStatuses is sent again … */
  retryReceipts: z.boolean(),
  /** What is taken as "later"; SMPPSim: 0x14 (ESME_RMSGQFUL) alone. Any other refusal is final. */
  retriedStatuses: z.array(status).max(100),
  /** … this much later, until it is accepted. */
  receiptRetryDelayMs: milliseconds,
  /** SMPPSim: a receipt goes to the next session that receives, whosever message it is about. */
  receiptsToAnyAccount: z.boolean(),
  /** Whether receipts unanswered when a link closed are sent again on the next session. */
  redeliverUnacknowledged: z.boolean(),

  /** Share of submits answered with ESME_RTHROTTLED. */
  throttleShare: share,
  /** Share of submits answered with ESME_RMSGQFUL. */
  queueFullShare: share,
  /** Share of submits answered with rejectStatus. */
  rejectShare: share,
  rejectStatus: status,
  /** Submits accepted per second over all sessions; more get ESME_RTHROTTLED. null: no limit. */
  submitsPerSecond: z.number().positive().nullable(),

  /** Share of accepted submits whose submit_sm_resp is never sent. */
  dropResponseShare: share,
  responseDelayMs: milliseconds,
  /** A delayed response whose link is gone is sent on the account's next session instead. */
  lateResponsesOnNewSession: z.boolean(),

  /** congestion_state of every submit_sm_resp that takes the message (SMPP 5.0 §4.8.4.18); null: none. */
  congestionState: z.int().min(0).max(100).nullable(),

  /** The link breaks at the n-th submit from now, which is accepted but not answered; 0: never. */
  disconnectAfterSubmits: count,
  /** Whether it breaks again after the next n. */
  disconnectRepeatedly: z.boolean(),
  disconnectMode,
  /** Digits a destination begins with: at each submit to one the link breaks, and nothing is accepted. */
  poisonDestinations: z.array(z.string().regex(/^\d{1,20}$/, 'must be 1 to 20 digits without "+"')).max(1000),
  /** Takes connections and octets, says and does nothing. */
  silent: z.boolean(),
  /** Every new connection is reset at once. */
  refuseConnections: z.boolean(),
  /** Every bind is refused with this command_status; 0: binds are judged as usual. */
  bindStatus: z.int().min(0).max(0xffffffff),
  /** More sessions of one system_id are refused with ESME_RBINDFAIL; 0: no limit. */
  maxSessionsPerAccount: count,
  /** The simulator sends enquire_link this often; 0: never. */
  enquireLinkIntervalMs: milliseconds,
  /** Everything leaves in pieces of this many octets, one per turn of the event loop; 0: whole. */
  writeChunkOctets: count,
});

export type Settings = z.infer<typeof settingsSchema>;
export type SettingsChange = { readonly [Name in keyof Settings]?: Settings[Name] | undefined };

export const SETTING_NAMES: readonly string[] = Object.keys(settingsSchema.shape);

export const DEFAULT_SETTINGS: Settings = {
  outcomes: 'by-last-digit',
  receiptDelayMs: 50,
  duplicateReceipts: 0,
  contradictingReceipts: false,
  receiptsBeforeResponse: false,
  receiptLeadMs: 0,
  receiptTlvs: true,
  messageIdFormat: 'decimal',
  receiptIdFormat: 'same',
  receiptIdDigits: 0,
  // Guess: minutes of a test's traffic, a few MB.
  keepMessages: 20_000,
  silentState: 'ENROUTE',
  receiptOnCancel: true,
  queryStatus: 0,
  cancelStatus: 0,
  replaceStatus: 0,
  replaceOnTransceiver: false,
  answerAsks: true,
  // Guess: real SMSCs allow 10 to 1000; more keeps the benches from measuring this window.
  deliverWindow: 1000,
  // Guess: longer than any pause of a healthy ESME, short enough for a fault test.
  deliverResponseTimeoutMs: 30_000,
  retryReceipts: true,
  // What SMSCs commonly take so: the ESME's store is away or it is busy.
  retriedStatuses: [CommandStatus.ESME_RSYSERR, CommandStatus.ESME_RMSGQFUL, CommandStatus.ESME_RX_T_APPN],
  receiptRetryDelayMs: 1000,
  receiptsToAnyAccount: false,
  redeliverUnacknowledged: true,
  throttleShare: 0,
  queueFullShare: 0,
  rejectShare: 0,
  rejectStatus: CommandStatus.ESME_RSUBMITFAIL,
  submitsPerSecond: null,
  dropResponseShare: 0,
  responseDelayMs: 0,
  lateResponsesOnNewSession: false,
  congestionState: null,
  disconnectAfterSubmits: 0,
  disconnectRepeatedly: false,
  disconnectMode: 'fin',
  poisonDestinations: [],
  silent: false,
  refuseConnections: false,
  bindStatus: 0,
  maxSessionsPerAccount: 0,
  enquireLinkIntervalMs: 0,
  writeChunkOctets: 0,
};

/**
 * The settings with some of them changed.
 * @throws OptionInvalidError naming the first field that is unknown or out of range
 */
export function withChange(settings: Settings, change: unknown): Settings {
  return parseWith(settingsSchema.partial(), change, (valid) =>
    settingsSchema.parse({ ...settings, ...valid }),
  );
}

/** Validates and names the first wrong field. */
export function parseWith<Valid, Result>(
  schema: z.ZodType<Valid>,
  input: unknown,
  use: (valid: Valid) => Result,
): Result {
  const parsed = schema.safeParse(input);
  if (parsed.success) return use(parsed.data);
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  throw new OptionInvalidError(at === '' ? 'body' : at, issue?.message ?? 'is not valid', {
    cause: parsed.error,
  });
}
