// What the intake answers, for the OpenAPI document; the tests hold the answers against it.
import { z } from 'zod';

export const MessageAcceptedAnswer = z
  .object({
    id: z.uuid(),
    status: z.enum(['accepted', 'scheduled']),
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
