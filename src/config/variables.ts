// Every environment variable the service reads: the one table behind the start-up check, the
// typed configuration and the table in the README. A variable that is not here is not read.
import {
  addresses,
  amount,
  country,
  currency,
  type FromText,
  hostsWithPorts,
  oneOf,
  secret,
  secretEventStoreUrl,
  secretUrl,
  seconds,
  someOf,
  text,
  topicName,
  trueOrFalse,
  url,
  wholeNumber,
} from './value-schemas.js';

export const ROLES = ['intake', 'smpp', 'projections', 'fallback', 'voice', 'publish'] as const;
export type Role = (typeof ROLES)[number];

export interface Variable<Value = unknown, Default extends string | null = string | null> {
  readonly schema: FromText<Value>;
  /** As it would be written in the environment; null: unset. */
  readonly default: Default;
  readonly meaning: string;
  readonly example: string;
  /** Secrets may also come from a file named by NAME_FILE, and their value is never shown. */
  readonly secret: boolean;
}

function plain<Value, const Default extends string | null>(
  schema: FromText<Value>,
  byDefault: Default,
  example: string,
  meaning: string,
): Variable<Value, Default> {
  return { schema, default: byDefault, example, meaning, secret: false };
}

function hidden<Value, const Default extends string | null>(
  schema: FromText<Value>,
  byDefault: Default,
  example: string,
  meaning: string,
): Variable<Value, Default> {
  return { schema, default: byDefault, example, meaning, secret: true };
}

const PORT = wholeNumber(0, 65_535);
const DAY_SECONDS = 86_400;
const WEEK_SECONDS = 7 * DAY_SECONDS;

export const VARIABLES = {
  HTTP_HOST: plain(text(255), '127.0.0.1', '0.0.0.0', 'Address the HTTP API listens on.'),
  HTTP_PORT: plain(PORT, '3000', '3000', 'Port of the HTTP API; 0 takes any free one.'),
  DATA_DIR: plain(
    text(4096),
    '.data',
    '/var/lib/surereach',
    'Folder of the embedded PostgreSQL and its log.',
  ),
  DATABASE_URL: hidden(
    secretUrl('postgres:', 'postgresql:'),
    null,
    'postgres://user:password@db.example.com/surereach',
    'PostgreSQL to use. Unset: an embedded PostgreSQL in DATA_DIR.',
  ),
  PG_BIN: plain(
    text(4096),
    null,
    '/usr/lib/postgresql/18/bin',
    'Folder of the PostgreSQL binaries to embed instead of the packaged ones.',
  ),
  JOURNAL: plain(
    oneOf('postgres', 'eventstoredb'),
    'postgres',
    'eventstoredb',
    'Where the journal is kept: postgres or eventstoredb. Read models are in PostgreSQL either way.',
  ),
  EVENTSTORE_URL: hidden(
    secretEventStoreUrl,
    null,
    'esdb://user:password@eventstore.example.com:2113?tls=true',
    'EventStoreDB, with tls, tlsCAFile, userCertFile and userKeyFile as options. Needed with JOURNAL=eventstoredb.',
  ),
  ROLES: plain(
    someOf(...ROLES),
    'intake,smpp,projections,fallback,voice,publish',
    'intake,projections',
    `What this process does: any of ${ROLES.join(', ')}.`,
  ),
  LOG_LEVEL: plain(
    oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'info',
    'debug',
    'How much is logged: fatal, error, warn, info, debug, trace or silent.',
  ),

  CONNECTORS_FILE: plain(
    text(4096),
    null,
    '/etc/surereach/connectors.yaml',
    'YAML or JSON file of any number of connectors and the routes between them (docs/SMPP.md). Set: no other SMPP_* variable counts but SMPP_ALLOW_LATIN1.',
  ),
  SMPP_HOST: plain(text(255), null, 'smsc.example.com', 'The SMSC. Unset: the built-in SMSC simulator.'),
  SMPP_PORT: plain(
    wholeNumber(1, 65_535),
    '2775',
    '3550',
    'Port of the SMSC. Not used with the built-in simulator.',
  ),
  SMPP_SYSTEM_ID: plain(
    text(15),
    null,
    'acme',
    'system_id of the account (at most 15 characters). Needed with SMPP_HOST.',
  ),
  // SMPP 3.4 §5.2.2 allows 8 characters; many SMSCs take more.
  SMPP_PASSWORD: hidden(secret(64), null, 's3cret', 'Password of the account. Needed with SMPP_HOST.'),
  SMPP_SYSTEM_TYPE: plain(text(12), '', 'VMA', 'system_type of the account (at most 12 characters).'),
  SMPP_BIND: plain(
    oneOf('transceiver', 'split'),
    'transceiver',
    'split',
    'transceiver: one session for both ways. split: a transmitter and a receiver.',
  ),
  SMPP_WINDOW: plain(
    wholeNumber(1, 1000),
    null,
    '10',
    'submit_sm sent and not yet answered at most, per session. Unset: 100, with the built-in simulator 300.',
  ),
  SMPP_TPS: plain(
    wholeNumber(1, 100_000),
    null,
    '50',
    'submit_sm per second at most, each part counted. Unset: no limit of ours.',
  ),
  SMPP_TLS: plain(trueOrFalse, 'false', 'true', 'true: SMPP over TLS, the certificate is verified.'),
  SMPP_TLS_CA_FILE: plain(
    text(4096),
    null,
    '/etc/surereach/smsc-ca.pem',
    'PEM file of the authority that signed the certificate of the SMSC, when it is not a public one.',
  ),
  SMPP_ENQUIRE_LINK_SECONDS: plain(
    seconds(1, 3600),
    '30',
    '15',
    'Silence after which the link is probed by enquire_link.',
  ),
  SMPP_RESPONSE_TIMEOUT_SECONDS: plain(
    seconds(1, 3600),
    '60',
    '30',
    'How long a submit_sm_resp is awaited before the outcome counts as unknown.',
  ),
  SMPP_IN_DOUBT: plain(
    oneOf('hold', 'resubmit'),
    'hold',
    'resubmit',
    'A submit_sm that was never answered: hold waits for its receipt, resubmit sends it again and may send it twice.',
  ),
  SMPP_RESUBMIT_AFTER_SECONDS: plain(
    wholeNumber(1, DAY_SECONDS),
    '60',
    '300',
    'With SMPP_IN_DOUBT=resubmit: how long a late answer or a receipt is awaited before it is sent again.',
  ),
  // 1 would quarantine every message of a window whenever the link is lost.
  SMPP_QUARANTINE_AFTER: plain(
    wholeNumber(2, 20),
    '3',
    '5',
    'With SMPP_IN_DOUBT=resubmit: a message is quarantined, not sent again, when the link was lost this often while it was in flight.',
  ),
  SMPP_SUBMIT_WITH: plain(
    oneOf('submit_sm', 'data_sm'),
    'submit_sm',
    'data_sm',
    'The PDU that carries a message; data_sm is for an SMSC that takes no submit_sm.',
  ),
  SMPP_TRY_LATER_WITH: plain(
    oneOf('ESME_RSYSERR', 'ESME_RMSGQFUL'),
    'ESME_RSYSERR',
    'ESME_RMSGQFUL',
    'Answer to a receipt or a message from a phone that cannot be stored now; ESME_RMSGQFUL is for an SMSC that delivers again after nothing else.',
  ),
  SMPP_QUERY_AFTER_SECONDS: plain(
    wholeNumber(1, WEEK_SECONDS),
    null,
    '300',
    'Ask the SMSC with query_sm how a message stands of which no receipt came for so long. Unset: never.',
  ),
  SMPP_QUERY_EVERY_SECONDS: plain(
    wholeNumber(1, DAY_SECONDS),
    '300',
    '60',
    'Pause between the first query_sm of a message and the second; each further one is twice as long.',
  ),
  SMPP_QUERY_MAX: plain(
    wholeNumber(1, 100),
    '5',
    '3',
    'query_sm per message at most; then only a receipt or the deadline decides.',
  ),
  SMPP_QUERY_TPS: plain(
    wholeNumber(1, 10_000),
    '10',
    '50',
    'query_sm per second at most; they count in SMPP_TPS too.',
  ),
  SMPP_REPLACE: plain(
    oneOf('never', 'transmitter', 'always'),
    'never',
    'transmitter',
    'Whether a text is replaced after the submit, by replace_sm: transmitter with SMPP_BIND=split, always also over a transceiver.',
  ),
  SMPP_ALLOW_LATIN1: plain(
    trueOrFalse,
    'false',
    'true',
    'true: texts outside GSM 03.38 go as Latin-1 (data_coding 3) where that suffices, not as UCS-2.',
  ),
  SMPP_INBOUND_PARTS_SECONDS: plain(
    wholeNumber(1, DAY_SECONDS),
    '3600',
    '600',
    'How long the other parts of a message from a phone are awaited before it is given without them.',
  ),
  SMPP_INBOUND_REPEAT_SECONDS: plain(
    wholeNumber(0, DAY_SECONDS),
    '600',
    '60',
    'A message from a phone with the very content of one before it counts as its repeat for this long; 0: never.',
  ),
  SMPP_OUTBIND_PORT: plain(
    PORT,
    null,
    '2777',
    'Port on which SMSCs may invite us to bind (outbind); 0 takes any free one. Unset: none.',
  ),
  SMPP_OUTBIND_HOST: plain(text(255), '127.0.0.1', '0.0.0.0', 'Address on which outbind is awaited.'),
  SMPP_OUTBIND_PEERS: plain(
    addresses,
    null,
    '192.0.2.10,192.0.2.11',
    'IP addresses that may connect there: each gets our own account when its outbind is right. Needed with SMPP_OUTBIND_PORT.',
  ),
  SMPP_OUTBIND_SYSTEM_ID: plain(
    text(15),
    null,
    'smsc1',
    'system_id that the SMSC gives in outbind. Needed with SMPP_OUTBIND_PORT.',
  ),
  SMPP_OUTBIND_PASSWORD: hidden(
    secret(64),
    null,
    's3cret',
    'Password that it gives. Needed with SMPP_OUTBIND_PORT.',
  ),

  DEFAULT_COUNTRY: plain(
    country,
    null,
    'KE',
    'Country of numbers written without +. Unset: only +… numbers are accepted.',
  ),
  DEFAULT_FROM: plain(
    text(21),
    null,
    'SureReach',
    'Sender of messages that name none. Unset: `from` is required.',
  ),
  MAX_PARTS: plain(wholeNumber(1, 255), '10', '3', 'A text that needs more parts than this is refused.'),
  PRICE_PER_PART: plain(
    amount,
    null,
    '0.0125',
    'Price of one part, for the estimate of a preview. Unset: no estimate.',
  ),
  PRICE_CURRENCY: plain(
    currency,
    null,
    'EUR',
    'Currency of that price (ISO 4217). Needed with PRICE_PER_PART.',
  ),
  FALLBACK_AFTER_SECONDS: plain(
    wholeNumber(1, WEEK_SECONDS),
    '86400',
    '300',
    'How long a final receipt is awaited before the person is called, unless the message says otherwise.',
  ),
  VALIDITY_SECONDS: plain(
    wholeNumber(1, WEEK_SECONDS),
    '86400',
    '3600',
    'How long a message may wait to be submitted, unless the message says otherwise.',
  ),

  VOICE_URL: plain(
    url('http:', 'https:'),
    null,
    'https://voice.africastalking.com',
    'Base address of the voice gateway. Unset: the built-in voice simulator.',
  ),
  VOICE_USERNAME: plain(text(255), null, 'acme', 'Account at the voice gateway. Needed with VOICE_URL.'),
  VOICE_API_KEY: hidden(secret(1024), null, 'atsk_0123456789', 'Key of that account. Needed with VOICE_URL.'),
  VOICE_FROM: plain(text(21), null, '+254711082000', 'Number the calls come from. Needed with VOICE_URL.'),
  VOICE_CALLBACK_SECRET: hidden(
    secret(512, 16),
    null,
    'two-words-and-0f3a9c',
    'Last part of the address the gateway reports to, at least 16 characters; two, joined by a comma, while rotating. Needed with VOICE_URL.',
  ),
  VOICE_MAX_CALLS: plain(
    wholeNumber(1, 10),
    '3',
    '1',
    'Calls to one person at most, unless the message says otherwise.',
  ),
  VOICE_RETRY_SECONDS: plain(
    wholeNumber(1, DAY_SECONDS),
    '120',
    '600',
    'Pause between two calls, unless the message says otherwise.',
  ),
  VOICE_REPORT_TIMEOUT_SECONDS: plain(
    seconds(1, DAY_SECONDS),
    '300',
    '600',
    'How long the report of a call is awaited before its outcome counts as unknown.',
  ),
  VOICE_MAX_CONCURRENT: plain(
    wholeNumber(1, 10_000),
    '10',
    '50',
    'Calls under way at the same time at most.',
  ),
  VOICE_CALLS_PER_MINUTE: plain(
    wholeNumber(1, 100_000),
    '60',
    '600',
    'Calls begun in a minute at most; more wait.',
  ),

  KAFKA_BROKERS: plain(
    hostsWithPorts,
    null,
    'kafka-1.example.com:9092,kafka-2.example.com:9092',
    'Brokers to publish the events of messages to (docs/EVENTS.md). Unset: nothing is published.',
  ),
  KAFKA_TOPIC: plain(
    topicName,
    'surereach.events',
    'sms.events',
    'Topic of the events; created where it is missing.',
  ),
  KAFKA_PARTITIONS: plain(
    wholeNumber(1, 10_000),
    null,
    '12',
    'Partitions of a topic that is created. Unset: as the broker has it.',
  ),
  KAFKA_REPLICATION: plain(
    wholeNumber(1, 100),
    null,
    '3',
    'Replicas of a topic that is created. Unset: as the broker has it.',
  ),
  KAFKA_CLIENT_ID: plain(
    text(255),
    'surereach',
    'surereach-eu',
    'How the service names itself to the brokers.',
  ),
  KAFKA_COMPRESSION: plain(
    oneOf('gzip', 'none'),
    'gzip',
    'none',
    'How records are compressed: gzip or none.',
  ),
  KAFKA_PERSONAL_DATA: plain(
    oneOf('masked', 'full'),
    'masked',
    'full',
    'masked: of numbers the country code and the last two digits, no texts. full: all that the journal holds.',
  ),
  KAFKA_TLS: plain(
    trueOrFalse,
    'false',
    'true',
    'true: TLS to the brokers, their certificates are verified.',
  ),
  KAFKA_TLS_CA_FILE: plain(
    text(4096),
    null,
    '/etc/surereach/kafka-ca.pem',
    'PEM file of the authority that signed those certificates, when it is not a public one.',
  ),
  KAFKA_SASL_MECHANISM: plain(
    oneOf('plain', 'scram-sha-256', 'scram-sha-512'),
    null,
    'scram-sha-512',
    'How the service proves who it is: plain, scram-sha-256 or scram-sha-512. Unset: not at all.',
  ),
  KAFKA_SASL_USERNAME: plain(
    text(255),
    null,
    'surereach',
    'Account at the brokers. Needed with KAFKA_SASL_MECHANISM.',
  ),
  KAFKA_SASL_PASSWORD: hidden(
    secret(1024),
    null,
    's3cret',
    'Password of that account. Needed with KAFKA_SASL_MECHANISM.',
  ),

  SIMULATOR_SMSC_PORT: plain(
    PORT,
    '0',
    '2776',
    'SMPP port of the built-in SMSC simulator; 0 takes any free one.',
  ),
  SIMULATOR_SMSC_HTTP_PORT: plain(
    PORT,
    '0',
    '2777',
    'Control port of the built-in SMSC simulator; 0 takes any free one.',
  ),
  SIMULATOR_VOICE_PORT: plain(
    PORT,
    '0',
    '2778',
    'Port of the built-in voice simulator; 0 takes any free one.',
  ),
  SIMULATOR_RECEIPT_DELAY_MS: plain(
    wholeNumber(0, 86_400_000),
    '50',
    '2000',
    'How long after the submit_sm_resp the SMSC simulator sends the receipt.',
  ),
  SIMULATOR_RING_DELAY_MS: plain(
    wholeNumber(0, 600_000),
    '200',
    '5000',
    'How long a phone rings in the voice simulator.',
  ),
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof VARIABLES;

type ValueOf<Entry> =
  Entry extends Variable<infer Value, infer Default> ? (Default extends null ? Value | null : Value) : never;

export type Values = { readonly [Name in VariableName]: ValueOf<(typeof VARIABLES)[Name]> };
