// The configuration, typed and frozen. Read once at start; nothing else reads the environment.
import type { CountryCode } from 'libphonenumber-js/max';
import { ConfigInvalidError } from './config.errors.js';
import { type Environment, readVariables } from './read-variables.js';
import { Secret } from './secret.js';
import type { Role, Values } from './variables.js';

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
}

export interface SmppConfig {
  /** YAML or JSON; null: the one connector described by the rest. */
  readonly connectorsFile: string | null;
  /** Null: the built-in SMSC simulator, whose port is known only once it runs. */
  readonly host: string | null;
  readonly port: number;
  readonly systemId: string;
  readonly password: Secret;
  readonly systemType: string;
  readonly bind: 'transceiver' | 'split';
  readonly windowSize: number;
  /** Null: no limit. */
  readonly submitsPerSecond: number | null;
  readonly tls: boolean;
  readonly tlsCaFile: string | null;
  readonly enquireLinkIntervalMs: number;
  readonly responseTimeoutMs: number;
  readonly inDoubtPolicy:
    | { readonly then: 'hold' }
    | { readonly then: 'resubmit'; readonly afterSeconds: number; readonly quarantineAfter: number };
  readonly allowLatin1: boolean;
  readonly submitWith: 'submit_sm' | 'data_sm';
  readonly tryLaterWith: 'ESME_RSYSERR' | 'ESME_RMSGQFUL';
  /** Null: the SMSC is not asked how messages stand. */
  readonly query: {
    readonly afterSeconds: number;
    readonly everySeconds: number;
    readonly maxQueries: number;
    readonly perSecond: number;
  } | null;
  readonly replace: 'never' | 'transmitter' | 'always';
}

/** What a message gets when it does not say otherwise, and what it may not exceed. */
export interface MessageConfig {
  readonly defaultCountry: CountryCode | null;
  readonly defaultFrom: string | null;
  readonly maxParts: number;
  readonly fallbackAfterSeconds: number;
  readonly validitySeconds: number;
  readonly maxCalls: number;
  readonly retryAfterSeconds: number;
  readonly allowLatin1: boolean;
  /** Null: nobody said what a part costs. */
  readonly price: Price | null;
}

export interface Price {
  /** Decimal, as it was written. */
  readonly perPart: string;
  /** ISO 4217. */
  readonly currency: string;
}

export interface VoiceConfig {
  /** Null: the built-in voice simulator, whose port is known only once it runs. */
  readonly url: string | null;
  readonly username: string;
  readonly apiKey: Secret;
  readonly from: string;
  /** One, or two while rotating; null only with the simulator: make one at start. */
  readonly callbackSecret: Secret | null;
  readonly reportTimeoutMs: number;
  readonly maxConcurrentCalls: number;
  readonly callsPerMinute: number;
}

/** Messages from phones. */
export interface InboundConfig {
  readonly partsTimeoutSeconds: number;
  /** 0: every copy counts as a message. */
  readonly repeatSeconds: number;
}

/** SMSCs that open the connection themselves. */
export interface OutbindConfig {
  readonly host: string;
  readonly port: number;
  readonly peers: readonly string[];
  readonly systemId: string;
  readonly password: Secret;
}

/** The feed of lifecycle events. */
export interface KafkaConfig {
  /** Each `host:port`. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Of a topic that is created; null: as the broker has it. */
  readonly partitions: number | null;
  readonly replication: number | null;
  readonly clientId: string;
  readonly compression: 'gzip' | 'none';
  readonly personalData: 'masked' | 'full';
  readonly tls: boolean;
  readonly tlsCaFile: string | null;
  /** Null: the brokers ask nobody who they are. */
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: Secret;
  } | null;
}

export interface SimulatorConfig {
  readonly smscPort: number;
  readonly smscHttpPort: number;
  readonly voicePort: number;
  readonly receiptDelayMs: number;
  readonly ringDelayMs: number;
}

export type LogLevel = Values['LOG_LEVEL'];

export abstract class AppConfig {
  abstract readonly http: HttpConfig;
  abstract readonly dataDir: string;
  /** Null: the embedded PostgreSQL. */
  abstract readonly databaseUrl: Secret | null;
  abstract readonly pgBin: string | null;
  abstract readonly journal: 'postgres' | 'eventstoredb';
  /** Not null when the journal is eventstoredb. */
  abstract readonly eventStoreUrl: Secret | null;
  abstract readonly roles: ReadonlySet<Role>;
  abstract readonly logLevel: LogLevel;
  abstract readonly message: MessageConfig;
  abstract readonly smpp: SmppConfig;
  abstract readonly inbound: InboundConfig;
  /** Null: nobody listens. */
  abstract readonly outbind: OutbindConfig | null;
  abstract readonly voice: VoiceConfig;
  /** Null: nothing is published. */
  abstract readonly kafka: KafkaConfig | null;
  abstract readonly simulator: SimulatorConfig;
  /** For the log at start: variables that look misspelt. */
  abstract readonly warnings: readonly string[];
}

/** What an SMSC commonly allows. */
const WINDOW = 100;

/** The simulator allows any; more does not make it faster (npm run bench). */
const SIMULATOR_WINDOW = 300;

/** The account every built-in simulator knows. */
const SIMULATOR_ACCOUNT = 'surereach';

/** @throws ConfigInvalidError naming every variable that is wrong, and how to write it. */
export function loadConfig(environment: Environment): AppConfig {
  const { values, problems, warnings } = readVariables(environment);
  const together = [...problems, ...missingTogether(values, problems), ...journalMissing(values, problems)];
  if (together.length > 0) throw new ConfigInvalidError(together);
  return freeze({
    http: { host: values.HTTP_HOST, port: values.HTTP_PORT },
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    pgBin: values.PG_BIN,
    journal: values.JOURNAL,
    eventStoreUrl: values.EVENTSTORE_URL,
    roles: new Set(values.ROLES),
    logLevel: values.LOG_LEVEL,
    message: messageConfig(values),
    smpp: smppConfig(values),
    inbound: {
      partsTimeoutSeconds: values.SMPP_INBOUND_PARTS_SECONDS,
      repeatSeconds: values.SMPP_INBOUND_REPEAT_SECONDS,
    },
    outbind: outbindConfig(values),
    voice: voiceConfig(values),
    kafka: kafkaConfig(values),
    simulator: {
      smscPort: values.SIMULATOR_SMSC_PORT,
      smscHttpPort: values.SIMULATOR_SMSC_HTTP_PORT,
      voicePort: values.SIMULATOR_VOICE_PORT,
      receiptDelayMs: values.SIMULATOR_RECEIPT_DELAY_MS,
      ringDelayMs: values.SIMULATOR_RING_DELAY_MS,
    },
    warnings: [...warnings, ...unusedJournal(values)],
  });
}

function journalMissing({ JOURNAL, EVENTSTORE_URL }: Values, problems: readonly string[]): string[] {
  const told = problems.some((problem) => problem.startsWith('EVENTSTORE_URL'));
  return JOURNAL === 'eventstoredb' && EVENTSTORE_URL === null && !told
    ? ['EVENTSTORE_URL must be set because JOURNAL is eventstoredb']
    : [];
}

/** Events would go where nobody looks for them. */
function unusedJournal({ JOURNAL, EVENTSTORE_URL }: Values): string[] {
  return JOURNAL === 'postgres' && EVENTSTORE_URL !== null
    ? ['EVENTSTORE_URL is set, but JOURNAL is postgres: set JOURNAL=eventstoredb to use it']
    : [];
}

/** A real far end needs its whole account; a half-configured one must not start. */
function missingTogether(values: Values, problems: readonly string[]): string[] {
  const needs = [
    ['SMPP_HOST', ['SMPP_SYSTEM_ID', 'SMPP_PASSWORD']],
    ['VOICE_URL', ['VOICE_USERNAME', 'VOICE_API_KEY', 'VOICE_FROM', 'VOICE_CALLBACK_SECRET']],
    ['SMPP_TLS_CA_FILE', ['SMPP_HOST']],
    ['PRICE_PER_PART', ['PRICE_CURRENCY']],
    ['KAFKA_SASL_MECHANISM', ['KAFKA_BROKERS', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD']],
    ['SMPP_OUTBIND_PORT', ['SMPP_OUTBIND_PEERS', 'SMPP_OUTBIND_SYSTEM_ID', 'SMPP_OUTBIND_PASSWORD']],
  ] as const;
  return needs.flatMap(([when, names]) =>
    problems.some((problem) => problem.startsWith(when)) || values[when] === null
      ? []
      : names
          .filter((name) => values[name] === null && !problems.some((problem) => problem.startsWith(name)))
          .map((name) => `${name} must be set because ${when} is`),
  );
}

function messageConfig(values: Values): MessageConfig {
  return {
    defaultCountry: values.DEFAULT_COUNTRY,
    defaultFrom: values.DEFAULT_FROM,
    maxParts: values.MAX_PARTS,
    fallbackAfterSeconds: values.FALLBACK_AFTER_SECONDS,
    validitySeconds: values.VALIDITY_SECONDS,
    maxCalls: values.VOICE_MAX_CALLS,
    retryAfterSeconds: values.VOICE_RETRY_SECONDS,
    allowLatin1: values.SMPP_ALLOW_LATIN1,
    price: priceOf(values),
  };
}

function priceOf({ PRICE_PER_PART: perPart, PRICE_CURRENCY: currency }: Values): Price | null {
  return perPart === null || currency === null ? null : { perPart, currency };
}

function smppConfig(values: Values): SmppConfig {
  return {
    connectorsFile: values.CONNECTORS_FILE,
    host: values.SMPP_HOST,
    port: values.SMPP_PORT,
    systemId: values.SMPP_SYSTEM_ID ?? SIMULATOR_ACCOUNT,
    password: values.SMPP_PASSWORD ?? new Secret(SIMULATOR_ACCOUNT),
    systemType: values.SMPP_SYSTEM_TYPE,
    bind: values.SMPP_BIND,
    windowSize: values.SMPP_WINDOW ?? (values.SMPP_HOST === null ? SIMULATOR_WINDOW : WINDOW),
    submitsPerSecond: values.SMPP_TPS,
    tls: values.SMPP_TLS,
    tlsCaFile: values.SMPP_TLS_CA_FILE,
    enquireLinkIntervalMs: values.SMPP_ENQUIRE_LINK_SECONDS,
    responseTimeoutMs: values.SMPP_RESPONSE_TIMEOUT_SECONDS,
    inDoubtPolicy:
      values.SMPP_IN_DOUBT === 'hold'
        ? { then: 'hold' }
        : {
            then: 'resubmit',
            afterSeconds: values.SMPP_RESUBMIT_AFTER_SECONDS,
            quarantineAfter: values.SMPP_QUARANTINE_AFTER,
          },
    allowLatin1: values.SMPP_ALLOW_LATIN1,
    submitWith: values.SMPP_SUBMIT_WITH,
    tryLaterWith: values.SMPP_TRY_LATER_WITH,
    query:
      values.SMPP_QUERY_AFTER_SECONDS === null
        ? null
        : {
            afterSeconds: values.SMPP_QUERY_AFTER_SECONDS,
            everySeconds: values.SMPP_QUERY_EVERY_SECONDS,
            maxQueries: values.SMPP_QUERY_MAX,
            perSecond: values.SMPP_QUERY_TPS,
          },
    replace: values.SMPP_REPLACE,
  };
}

function outbindConfig(values: Values): OutbindConfig | null {
  const {
    SMPP_OUTBIND_PORT: port,
    SMPP_OUTBIND_PEERS: peers,
    SMPP_OUTBIND_SYSTEM_ID: systemId,
    SMPP_OUTBIND_PASSWORD: password,
  } = values;
  if (port === null || peers === null || systemId === null || password === null) return null;
  return { host: values.SMPP_OUTBIND_HOST, port, peers, systemId, password };
}

function voiceConfig(values: Values): VoiceConfig {
  return {
    url: values.VOICE_URL,
    username: values.VOICE_USERNAME ?? SIMULATOR_ACCOUNT,
    apiKey: values.VOICE_API_KEY ?? new Secret(SIMULATOR_ACCOUNT),
    from: values.VOICE_FROM ?? '+254711082000',
    callbackSecret: values.VOICE_CALLBACK_SECRET,
    reportTimeoutMs: values.VOICE_REPORT_TIMEOUT_SECONDS,
    maxConcurrentCalls: values.VOICE_MAX_CONCURRENT,
    callsPerMinute: values.VOICE_CALLS_PER_MINUTE,
  };
}

function kafkaConfig(values: Values): KafkaConfig | null {
  if (values.KAFKA_BROKERS === null) return null;
  return {
    brokers: values.KAFKA_BROKERS,
    topic: values.KAFKA_TOPIC,
    partitions: values.KAFKA_PARTITIONS,
    replication: values.KAFKA_REPLICATION,
    clientId: values.KAFKA_CLIENT_ID,
    compression: values.KAFKA_COMPRESSION,
    personalData: values.KAFKA_PERSONAL_DATA,
    tls: values.KAFKA_TLS,
    tlsCaFile: values.KAFKA_TLS_CA_FILE,
    sasl: saslOf(values),
  };
}

function saslOf(values: Values): KafkaConfig['sasl'] {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = values;
  return mechanism === null || username === null || password === null
    ? null
    : { mechanism, username, password };
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null && !(inner instanceof Secret)) freeze(inner as object);
  }
  return Object.freeze(value);
}
