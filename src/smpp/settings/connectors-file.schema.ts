// The file of connectors and routes as it is written: names, units and bounds. What they mean for an
// operator stands in docs/SMPP.md.
import { getCountries } from 'libphonenumber-js/max';
import { z } from 'zod';
import type { InDoubtPolicy } from '../../message/message.commands.js';
import { statusOverrideSchema } from '../pdu/status-overrides.js';
import { STRATEGIES } from '../routing/route.js';
import { QUERY_BACKOFF } from '../asking/asking.options.js';
import { npiSchema, tonSchema } from './address-type.schema.js';
import { receiptsSchema } from './receipts.schema.js';
import { submitSchema } from './submit.schema.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

const seconds = (least: number, most: number): z.ZodNumber => z.number().min(least).max(most);

const HOST = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^\s:[\]]+))(?::(?<port>\d{1,5}))?$/;

const DEFAULT_PORT = 2775;

const hostSchema = z.string().transform((text, context) => {
  const { v6, name, port = String(DEFAULT_PORT) } = HOST.exec(text)?.groups ?? {};
  const host = v6 ?? name;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    context.addIssue({
      code: 'custom',
      message: 'must be host, host:port or [IPv6]:port, with a port from 1 to 65535',
    });
    return z.NEVER;
  }
  return { host, port: Number(port) };
});

/** The value itself, or where it stands: so that the file can be shown to anybody. */
const secretSchema = z.union(
  [
    z.string().max(64),
    z.strictObject({ env: z.string().min(1).max(255) }),
    z.strictObject({ file: z.string().min(1).max(4096) }),
  ],
  { error: 'must be {env: NAME}, {file: /path} or the password itself, at most 64 characters' },
);

const tlsSchema = z.union(
  [
    z.boolean(),
    z.strictObject({
      caFile: z.string().min(1).optional(),
      certFile: z.string().min(1).optional(),
      keyFile: z.string().min(1).optional(),
      serverName: z.string().min(1).max(255).optional(),
      verify: z.boolean().default(true),
    }),
  ],
  { error: 'must be true, false, or an object of caFile, certFile, keyFile, serverName and verify' },
);

const VERSIONS = { '3.3': 0x33, '3.4': 0x34, '5.0': 0x50 } as const;

const versionSchema = z
  .union([z.enum(['3.3', '3.4', '5.0']), z.literal([3.3, 3.4, 5])], {
    error: 'must be 3.3, 3.4 or 5.0',
  })
  .transform((value) => VERSIONS[value === 5 ? '5.0' : (String(value) as keyof typeof VERSIONS)]);

const rebindSchema = z.strictObject({
  firstSeconds: seconds(0.01, 3600).exactOptional(),
  maxSeconds: seconds(0.01, 86_400).exactOptional(),
  refusedFirstSeconds: seconds(0.01, 86_400).exactOptional(),
  refusedMaxSeconds: seconds(0.01, 86_400).exactOptional(),
  occupiedFirstSeconds: seconds(0.01, 86_400).exactOptional(),
  occupiedMaxSeconds: seconds(0.01, 86_400).exactOptional(),
  stableSeconds: seconds(0, 86_400).exactOptional(),
});

/** Enough for a late answer and for most receipts, which come within seconds. A guess. */
const RESUBMIT_AFTER_SECONDS = 60;

const inDoubtSchema = z
  .union(
    [
      z.enum(['hold', 'resubmit']),
      z.strictObject({
        then: z.literal('resubmit'),
        afterSeconds: z.int().min(1).max(86_400).default(RESUBMIT_AFTER_SECONDS),
        // 1 would quarantine every message of a window whenever the link is lost.
        quarantineAfter: z.int().min(2).max(20).default(3),
      }),
    ],
    { error: 'must be hold, resubmit, or {then: resubmit, afterSeconds: …, quarantineAfter: …}' },
  )
  .transform((policy): InDoubtPolicy => {
    if (policy === 'hold') return { then: 'hold' };
    if (policy !== 'resubmit') return policy;
    return { then: 'resubmit', afterSeconds: RESUBMIT_AFTER_SECONDS, quarantineAfter: 3 };
  });

/** As SMPP_QUERY_* have them; each pause is twice as long as the one before. */
const querySchema = z.strictObject({
  afterSeconds: z.int().min(1).max(604_800),
  everySeconds: z.int().min(1).max(86_400).default(300),
  backoffFactor: z.number().min(1).max(10).default(QUERY_BACKOFF),
  max: z.int().min(1).max(100).default(5),
  perSecond: z.number().min(0.01).max(10_000).default(10),
});

export const connectorSchema = z
  .strictObject({
    host: hostSchema.optional(),
    hosts: z.array(hostSchema).min(1).max(20).optional(),
    tls: tlsSchema.default(false),
    systemId: z.string().min(1).max(15),
    password: secretSchema.default(''),
    systemType: z.string().max(12).default(''),
    interfaceVersion: versionSchema.default(0x34),
    bind: z.enum(['transceiver', 'split']).default('transceiver'),
    binds: z.int().min(1).max(100).default(1),
    bindTon: tonSchema.default(0),
    bindNpi: npiSchema.default(0),
    addressRange: z.string().max(40).default(''),
    windowSize: z.int().min(1).max(1000).default(100),
    submitsPerSecond: z.number().positive().max(100_000).nullable().default(null),
    responseTimeoutSeconds: seconds(0.1, 3600).default(60),
    enquireLinkSeconds: seconds(0.1, 3600).default(30),
    connectTimeoutSeconds: seconds(0.1, 600).default(10),
    bindTimeoutSeconds: seconds(0.1, 600).default(10),
    inactivityTimeoutSeconds: seconds(0, 86_400).default(0),
    partialPduTimeoutSeconds: seconds(0.1, 600).default(10),
    maxPduOctets: z.int().min(1024).max(1_048_576).optional(),
    maxUnansweredDelivers: z.int().min(1).max(1_000_000).optional(),
    rebind: rebindSchema.default({}),
    group: z
      .string()
      .regex(NAME, 'must be a name of 1 to 40 lower-case letters, digits and hyphens')
      .optional(),
    submit: submitSchema.default({}),
    receipts: receiptsSchema.default({}),
    defaultAlphabet: z.enum(['gsm', 'latin1', 'ascii']).default('gsm'),
    inDoubt: inDoubtSchema.prefault('hold'),
    submitWith: z.enum(['submit_sm', 'data_sm']).default('submit_sm'),
    tryLaterWith: z.enum(['ESME_RSYSERR', 'ESME_RMSGQFUL']).default('ESME_RSYSERR'),
    query: querySchema.nullable().default(null),
    replace: z.enum(['never', 'transmitter', 'always']).default('never'),
    statuses: z.record(z.string(), statusOverrideSchema).default({}),
  })
  .refine(({ host, hosts }) => (host === undefined) !== (hosts === undefined), {
    path: ['host'],
    message: 'must be given, either as `host` or as a list `hosts`, and not both',
  });

const some = <Schema extends z.ZodType>(one: Schema) =>
  z.union([one.transform((value) => [value]), z.array(one).min(1)]);

const countrySchema = z.string().refine((value) => (getCountries() as readonly string[]).includes(value), {
  message: 'must be a two-letter country code in capitals, as KE',
});

export const conditionSchema = z.strictObject({
  country: some(countrySchema).exactOptional(),
  prefix: some(
    z
      .union([z.string(), z.int()])
      .transform((value) => String(value).replace(/^\+/, ''))
      .refine((value) => /^[1-9]\d{0,14}$/.test(value), 'must be the leading digits of numbers in E.164'),
  ).exactOptional(),
  from: some(z.union([z.string(), z.int()]).transform(String)).exactOptional(),
  class: some(z.enum(['transactional', 'otp', 'marketing', 'emergency'])).exactOptional(),
  priority: some(z.enum(['high', 'normal', 'low'])).exactOptional(),
  tenant: some(z.string().min(1).max(100)).exactOptional(),
});

const targetSchema = z
  .union([
    z.string(),
    z.strictObject({ connector: z.string(), weight: z.number().positive().max(1e6).default(1) }),
  ])
  .transform((target) => (typeof target === 'string' ? { connector: target, weight: 1 } : target));

export const routeSchema = z.strictObject({
  name: z.string().min(1).max(100),
  when: conditionSchema.default({}),
  to: some(targetSchema),
  strategy: z.enum(STRATEGIES).default('failover'),
});

export const connectorsFileSchema = z.strictObject({
  connectors: z
    .record(
      z.string().regex(NAME, 'must be a name of 1 to 40 lower-case letters, digits and hyphens'),
      connectorSchema,
    )
    .refine((connectors) => Object.keys(connectors).length > 0, 'must name at least one connector'),
  routes: z.array(routeSchema).default([]),
});

export type ConnectorInFile = z.output<typeof connectorSchema>;
