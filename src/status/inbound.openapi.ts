// What the inbound API asks and answers, for its checks and for the OpenAPI document.
import { z } from 'zod';
import { PageLimit } from './status.openapi.js';

/** Values of a query are text. */
export const InboundQuery = z.strictObject({
  from: z.string().min(1).max(40).optional(),
  to: z.string().min(1).max(40).optional(),
  connector: z.string().min(1).max(100).optional(),
  since: z.iso
    .datetime({
      offset: true,
      error: 'must be an ISO 8601 instant with a zone, for example 2026-11-21T09:30:00Z',
    })
    .optional(),
  cursor: z.string().max(200).optional(),
  limit: PageLimit,
});

const instant = z.iso.datetime();
const octet = z.int().min(0).max(255);

const ussd = z
  .object({
    serviceOp: octet
      .nullable()
      .meta({ description: 'ussd_service_op, e.g. 1 for a request from the phone (SMPP 3.4 §5.3.2.44).' }),
    session: z.object({ number: octet, sequence: octet, isEnd: z.boolean() }).nullable(),
  })
  .nullable();

const address = z.object({ address: z.string(), ton: octet, npi: octet });

const raw = z
  .object({
    octetsHex: z
      .array(z.string().nullable())
      .meta({ description: 'User data of each part, its header included; null for a missing part.' }),
    alphabet: z.string().meta({ description: 'How the octets were read.' }),
    pdu: z.enum(['deliver_sm', 'data_sm']),
    dataCoding: octet,
    esmClass: octet,
    headerOctets: octet,
    serviceType: z.string(),
    source: address,
    destination: address,
    smscMessageId: z.string().nullable(),
  })
  .meta({ description: 'What came over the wire. Of several parts: the fields of the first.' });

export const InboundSchema = z
  .object({
    id: z.uuid(),
    from: z.string().meta({ description: 'The phone: E.164, or as it came where it is no number.' }),
    to: z.string().meta({ description: 'Our address, as `from` of a message to that phone.' }),
    connector: z.string(),
    conversation: z.uuid().meta({ description: 'Equal for all messages between the same two addresses.' }),
    kind: z.enum(['message', 'delivery-acknowledgement', 'user-acknowledgement', 'abort', 'other']),
    text: z
      .string()
      .nullable()
      .meta({ description: 'Null when it is binary or cannot be read; … stands for missing parts.' }),
    parts: z.int(),
    missingParts: z
      .array(z.int())
      .meta({ description: 'Parts that did not come in time; empty when it is whole.' }),
    receivedAt: instant.meta({ description: 'When the last part came, or the missing ones were given up.' }),
    firstPartAt: instant,
    inReplyTo: z
      .uuid()
      .nullable()
      .meta({ description: 'The last message sent from `to` to `from`; null when there is none.' }),
    ussd,
    raw,
    repeats: z
      .int()
      .meta({ description: 'Copies the SMSC delivered that were not taken for messages of their own.' }),
  })
  .meta({ title: 'InboundMessage' });

export const InboundPage = z
  .object({
    items: z.array(InboundSchema),
    nextCursor: z.string().nullable().meta({ description: 'For the next page; null on the last one.' }),
  })
  .meta({ title: 'InboundPage' });
