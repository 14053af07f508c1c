// Validates the deliver_sm a test makes up: an MO message, a receipt for an id nobody knows.
import { z } from 'zod';
import type { DeliverSm } from '../wire/pdu-writer.js';
import { parseWith } from '../outcome/settings.js';

const octet = z.int().min(0).max(255);
const address = z
  .string()
  .max(20)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');

const deliverySchema = z
  .strictObject({
    /** Whose session gets it. Absent: the first account. */
    systemId: z.string().optional(),
    source: address,
    destination: address,
    esmClass: octet.default(0),
    dataCoding: octet.default(0),
    /** Latin-1. */
    text: z.string().max(254).optional(),
    /** Octets in hexadecimal, instead of `text`. */
    hex: z
      .string()
      .max(508)
      .regex(/^([0-9a-f]{2})*$/i, 'must be pairs of hexadecimal digits')
      .optional(),
    receipted: z.strictObject({ messageId: z.string().min(1).max(64), state: octet }).optional(),
  })
  .refine(({ text, hex }) => (text === undefined) !== (hex === undefined), {
    message: 'give either text or hex',
    path: ['text'],
  });

export type MadeUpDeliveryInput = z.input<typeof deliverySchema>;

/** @throws OptionInvalidError */
export function readMadeUpDelivery(input: unknown): { systemId: string | undefined; deliver: DeliverSm } {
  return parseWith(deliverySchema, input, ({ systemId, text, hex, receipted, ...addressed }) => ({
    systemId,
    deliver: {
      ...addressed,
      sourceTon: 1,
      sourceNpi: 1,
      destinationTon: 1,
      destinationNpi: 1,
      shortMessage: text === undefined ? Buffer.from(hex ?? '', 'hex') : Buffer.from(text, 'latin1'),
      ...(receipted === undefined ? {} : { receipted }),
    },
  }));
}
