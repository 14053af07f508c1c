// What the intake answers, for the OpenAPI document; the tests hold the answers against it.
import { z } from 'zod';

const replacements = z.array(
  z.object({
    from: z.string(),
    to: z.string().meta({ description: 'Empty: left away.' }),
    count: z.int(),
  }),
);

export const MessageAcceptedAnswer = z
  .object({
    id: z.uuid(),
    status: z.enum(['accepted', 'scheduled']),
    replaced: replacements.optional().meta({ description: 'With transliterate: what was replaced.' }),
  })
  .meta({
    title: 'MessageAccepted',
    examples: [{ id: '01999c0a-7b1c-7d4e-9f00-8a6c5b4d3e2f', status: 'accepted' }],
  });

export const MessageReleasedAnswer = z
  .object({
    id: z.uuid(),
    status: z.string().meta({ description: 'How the SMS stands now.' }),
  })
  .meta({ title: 'MessageReleased' });

export const UploadReportAnswer = z
  .object({
    batch: z.string(),
    rows: z.int().meta({ description: 'Rows read; blank lines and the CSV header do not count.' }),
    accepted: z.int().meta({ description: 'Rows that became messages; every one is durable.' }),
    rejected: z.int(),
    errors: z
      .array(z.object({ line: z.int(), field: z.string().nullable(), problem: z.string() }))
      .meta({ description: 'The first 1,000 rejected rows, by line, counted from 1.' }),
    errorsTruncated: z.boolean(),
  })
  .meta({ title: 'UploadReport' });

const language = z.enum(['tr', 'es', 'pt']).nullable();

export const PreviewAnswer = z
  .object({
    encoding: z.enum(['gsm7', 'latin1', 'ucs2', 'binary']),
    dataCoding: z.int().meta({ description: 'Unless the connector has another for the encoding.' }),
    text: z.string().nullable().meta({ description: 'As it would be sent; null for a binary message.' }),
    characters: z.int().meta({ description: 'Unicode characters of that text; octets of a binary message.' }),
    units: z.int(),
    unit: z.enum(['septet', 'octet', 'code unit']),
    partCount: z.int(),
    parts: z.array(
      z.object({
        part: z.int(),
        octets: z.int().meta({ description: 'Length of short_message, the user data header included.' }),
        shortMessage: z.string().meta({ description: 'In hexadecimal; septets stand in an octet each.' }),
      }),
    ),
    partsByForm: z.object({ udh8: z.int(), udh16: z.int(), sar: z.int(), payload: z.int() }),
    offendingCharacters: z
      .array(
        z.object({
          character: z.string(),
          codePoint: z.string(),
          position: z.int().meta({ description: 'Of the first, in UTF-16 code units from 0.' }),
          count: z.int(),
        }),
      )
      .meta({ description: 'Characters of the request that are not in the GSM 7-bit default alphabet.' }),
    replaced: replacements,
    nationalTables: z.object({ locking: language, single: language }).nullable(),
    warnings: z.array(z.string()),
    price: z
      .object({ amount: z.string(), currency: z.string(), perPart: z.string() })
      .nullable()
      .meta({ description: 'Parts times PRICE_PER_PART; null when that is not configured.' }),
  })
  .meta({ title: 'MessagePreview' });
