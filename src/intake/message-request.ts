// The shape of a message as it is asked for: one schema for POST /v1/messages, for the rows of
// an upload and for the OpenAPI document. Whether the values make sense is message-reader.ts.
import { z } from 'zod';
import { BATCH_NAME } from '../message/batch.events.js';

const WEEK_SECONDS = 7 * 86_400;

// Far above any number of parts an SMSC takes (255 × 153); the real limit is MAX_PARTS.
const MOST_TEXT_CHARACTERS = 39_015;

// U+0000 cannot be stored as JSON text; U+FFFD is what a decoder leaves of octets that were no
// UTF-8, so that the text is no longer the one that was meant.
const DAMAGED = /[\0\uFFFD\p{Surrogate}]/u;

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001F\u007F\uFFFD\p{Surrogate}]/u;

function label(most: number) {
  return z
    .string()
    .min(1)
    .max(most)
    .refine((value) => !CONTROL.test(value), 'must not contain control or damaged characters');
}

function instant(description: string) {
  return z.iso
    .datetime({
      offset: true,
      error: 'must be an ISO 8601 instant with a zone, for example 2026-11-21T09:30:00Z',
    })
    .meta({ description });
}

function wholeNumber(least: number, most: number, description: string) {
  return z.int().min(least).max(most).meta({ description });
}

const smsChannel = z.strictObject({
  channel: z.literal('sms'),
  fallbackAfter: wholeNumber(
    1,
    WEEK_SECONDS,
    'Seconds after the first submit until the SMS counts as failed.',
  ).optional(),
  successStatus: z
    .enum(['delivered', 'submitted'])
    .optional()
    .meta({ description: 'What counts as success; submitted is for routes without receipts.' }),
});

const voiceChannel = z.strictObject({
  channel: z.literal('voice'),
  maxCalls: wholeNumber(1, 10, 'Calls at most, the first included.').optional(),
  retryAfter: wholeNumber(1, 86_400, 'Seconds between two calls.').optional(),
});

const channelsSchema = z
  .array(
    z.discriminatedUnion('channel', [smsChannel, voiceChannel], {
      error: 'must name a channel: "sms" or "voice"',
    }),
  )
  .refine(
    (channels) =>
      channels[0]?.channel === 'sms' &&
      (channels.length === 1 || (channels.length === 2 && channels[1]?.channel === 'voice')),
    { error: 'must be sms alone, or sms followed by voice', abort: true },
  )
  .meta({ description: 'Ordered: an SMS alone, or an SMS and then a call. Default: both.' });

/** Twice the octets of 255 parts, with room for spaces nobody needs. */
const MOST_BINARY_CHARACTERS = 70_000;

const port = z.int().min(0).max(0xffff);

const portsSchema = z
  .strictObject({ destination: port, source: port })
  .meta({ description: 'Application ports on the phone, 16 bits each (3GPP TS 23.040).' });

const binarySchema = z
  .strictObject({
    data: z
      .string()
      .max(MOST_BINARY_CHARACTERS)
      .meta({ description: 'The octets, without the header.', examples: ['cafe00ff'] }),
    format: z
      .enum(['hex', 'base64'])
      .optional()
      .meta({ description: 'How data and udh are written. Default: hex.' }),
    udh: z
      .string()
      .max(MOST_BINARY_CHARACTERS)
      .optional()
      .meta({
        description: 'User data header with its length octet; stands in every part.',
        examples: ['06050415811581'],
      }),
  })
  .meta({ description: 'Octets in place of a text. It cannot be spoken: the channels are sms alone.' });

/** How the text is written, where the request does not leave that to the service. */
const formatFields = {
  encoding: z
    .enum(['auto', 'gsm7', 'latin1', 'ucs2'])
    .optional()
    .meta({ description: 'Default auto: the narrowest that holds every character.' }),
  dataCoding: z
    .int()
    .min(0)
    .max(255)
    .optional()
    .meta({ description: 'data_coding as it stands in the submit_sm, in place of that of the encoding.' }),
  nationalLanguages: z
    .array(z.enum(['tr', 'es', 'pt']))
    .max(3)
    .optional()
    .meta({ description: 'Languages whose GSM 7-bit shift tables may be used where that saves parts.' }),
  transliterate: z.boolean().optional().meta({
    description:
      'true: typographic characters are replaced where that makes the text GSM 7-bit. The answer says which.',
  }),
  flash: z.boolean().optional().meta({ description: 'true: shown at once and not stored (class 0).' }),
  ports: portsSchema.optional(),
  binary: binarySchema.optional(),
};

export const MessageRequest = z
  .strictObject({
    to: z
      .string()
      .min(1)
      .max(40)
      .meta({ description: 'Telephone number, E.164.', examples: ['+254711000111'] }),
    from: label(21)
      .optional()
      .meta({
        description: 'Sender: a number, a short code, or up to 11 letters and digits.',
        examples: ['SureReach'],
      }),
    text: z
      .string()
      .min(1)
      .max(MOST_TEXT_CHARACTERS)
      .refine(
        (value) => !DAMAGED.test(value),
        'must be whole Unicode text without U+0000 and U+FFFD: is it encoded as UTF-8?',
      )
      .meta({
        description: 'What the person is told, by SMS or spoken. Needed, unless there is binary.',
        examples: ['Your appointment is tomorrow at 9:30.'],
      })
      .optional(),
    priority: z.enum(['high', 'normal', 'low']).optional(),
    class: z.enum(['transactional', 'otp', 'marketing', 'emergency']).optional(),
    sendAt: instant('Not submitted before this instant.').optional(),
    validUntil: instant('Not submitted after this instant.').optional(),
    channels: channelsSchema.optional(),
    reference: label(255)
      .optional()
      .meta({ description: 'Your own name for the message; given back, never used.' }),
    batch: z
      .string()
      .regex(BATCH_NAME, 'must be up to 100 letters, digits, dots, dashes or underscores')
      .optional()
      .meta({ description: 'Name under which messages are counted together.' }),
    locale: z
      .string()
      .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language tag, for example sw-KE')
      .optional()
      .meta({ description: 'Language of the text for the spoken call (BCP 47).' }),
    ...formatFields,
  })
  .meta({ title: 'MessageRequest' });

export type MessageRequest = z.output<typeof MessageRequest>;
export type MessageField = keyof MessageRequest;

export const MESSAGE_FIELDS = Object.keys(MessageRequest.shape) as readonly MessageField[];
