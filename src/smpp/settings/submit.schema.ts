// `submit:` of a connector in the file, as SubmitFormOptions take it.
import { z } from 'zod';
import { npiSchema, octetSchema, tonSchema } from './address-type.schema.js';

const addressType = z.strictObject({ ton: tonSchema, npi: npiSchema });

const tlvSchema = z
  .union(
    [
      z.strictObject({ tag: z.int(), hex: z.string().regex(/^(?:[0-9a-fA-F]{2})*$/) }),
      z.strictObject({ tag: z.int(), text: z.string().max(65_535) }),
      z.strictObject({ tag: z.int(), octet: octetSchema }),
    ],
    { error: 'must be {tag: …} with one of hex, text (ASCII, a NUL is added) and octet' },
  )
  .transform((tlv) => ({
    tag: tlv.tag,
    value:
      'hex' in tlv
        ? Buffer.from(tlv.hex, 'hex')
        : 'text' in tlv
          ? Buffer.from(`${tlv.text}\0`, 'latin1')
          : Buffer.from([tlv.octet]),
  }));

export const submitSchema = z.strictObject({
  source: z.union([z.literal('auto'), addressType]).exactOptional(),
  destination: addressType.exactOptional(),
  serviceType: z.string().max(5).exactOptional(),
  protocolId: octetSchema.exactOptional(),
  registeredDelivery: octetSchema.exactOptional(),
  messagingMode: z.literal([0, 1, 2, 3]).exactOptional(),
  validityPeriod: z.enum(['none', 'relative', 'absolute']).exactOptional(),
  priorityFlags: z
    .strictObject({
      high: octetSchema.exactOptional(),
      normal: octetSchema.exactOptional(),
      low: octetSchema.exactOptional(),
    })
    .exactOptional(),
  dataCodings: z
    .strictObject({
      gsm7: octetSchema.exactOptional(),
      latin1: octetSchema.exactOptional(),
      ucs2: octetSchema.exactOptional(),
      binary: octetSchema.exactOptional(),
    })
    .exactOptional(),
  replaceIfPresent: z.boolean().exactOptional(),
  tlvs: z.array(tlvSchema).max(20).exactOptional(),
  longForm: z.enum(['udh8', 'udh16', 'sar', 'payload']).exactOptional(),
});
