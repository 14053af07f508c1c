// A message from a phone as a test asks for it: a text of any length, cut into parts as phones do it,
// its parts in any order, repeated, late. Written from the specifications and kept apart from the
// service, so that the two cannot agree by sharing a mistake.
import { z } from 'zod';
import { parseWith } from '../outcome/settings.js';
import { ESM_CLASS_UDHI, Tlv } from '../wire/pdu.js';
import type { DeliverSm, TlvToWrite } from '../wire/pdu-writer.js';

const octet = z.int().min(0).max(255);
const milliseconds = z.number().min(0).max(3_600_000);
const address = z
  .string()
  .max(20)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');

const messageSchema = z
  .strictObject({
    /** Whose session gets it. Absent: the first account. */
    systemId: z.string().optional(),
    /** The phone. */
    source: address,
    sourceTon: octet.default(1),
    destination: address,
    destinationTon: octet.default(1),
    serviceType: z.string().max(5).default(''),
    text: z.string().max(39_000).optional(),
    /** Octets in hexadecimal, instead of `text`. */
    hex: z
      .string()
      .max(80_000)
      .regex(/^([0-9a-f]{2})*$/i, 'must be pairs of hexadecimal digits')
      .optional(),
    /** Absent: 0 for a text of plain letters, digits and punctuation, 8 (UCS-2) for any other. */
    dataCoding: octet.optional(),
    /** udh8, udh16 and sar cut what is longer than one part; payload never cuts; absent: udh8. */
    form: z.enum(['udh8', 'udh16', 'sar', 'payload']).default('udh8'),
    /** What joins the parts; the same for another message only if that is the test. */
    reference: z.int().min(0).max(0xffff).default(1),
    /** Octets of text in a part of several. Absent: what fits. */
    partOctets: z.int().min(2).max(153).optional(),
    /** Part numbers as they are to be sent, some left out or repeated if need be. Absent: 1, 2, 3 … */
    order: z.array(z.int().min(1).max(255)).max(1_000).optional(),
    /** How often each part is sent. */
    copies: z.int().min(1).max(1_000).default(1),
    /** Until the first leaves … */
    delayMs: milliseconds.default(0),
    /** … and between one and the next. */
    gapMs: milliseconds.default(0),
    /** TLVs beside it: tag in decimal → value in hexadecimal, e.g. 1281 for ussd_service_op. */
    tlvs: z.record(z.string().regex(/^\d{1,5}$/), z.string().regex(/^([0-9a-f]{2})*$/i)).default({}),
  })
  .refine(({ text, hex }) => (text === undefined) !== (hex === undefined), {
    message: 'give either text or hex',
    path: ['text'],
  });

export type MobileMessageInput = z.input<typeof messageSchema>;
type MobileMessage = z.output<typeof messageSchema>;

export interface MobileMessagePlan {
  readonly systemId: string | undefined;
  readonly sends: readonly { readonly delayMs: number; readonly deliver: DeliverSm }[];
}

/** @throws OptionInvalidError */
export function planMobileMessage(input: unknown): MobileMessagePlan {
  return parseWith(messageSchema, input, (message) => {
    const parts = partsOf(message);
    const order = message.order ?? parts.map((_, index) => index + 1);
    const wanted = order.flatMap((part) => {
      const deliver = parts[part - 1];
      return deliver === undefined ? [] : Array.from({ length: message.copies }, () => deliver);
    });
    return {
      systemId: message.systemId,
      sends: wanted.map((deliver, index) => ({ delayMs: message.delayMs + index * message.gapMs, deliver })),
    };
  });
}

/** 3GPP TS 23.040 §9.2.3.24: 140 octets, or 160 septets, which travel one per octet here. */
const SINGLE_OCTETS = 140;
const SINGLE_SEPTETS = 160;
/** Of a part of several, beside a header of 6 or 7 octets. */
const PART_OCTETS = { udh8: 134, udh16: 132, sar: 134 };
const PART_SEPTETS = { udh8: 153, udh16: 152, sar: 153 };

/** Characters that ASCII and GSM 03.38 write with the same octet. */
const PLAIN = /^[A-Za-z0-9 \n\r!"#%&'()*+,\-./:;<=>?]*$/;
const UCS2 = 8;

function partsOf(message: MobileMessage): readonly DeliverSm[] {
  const dataCoding =
    message.dataCoding ?? (message.text !== undefined && !PLAIN.test(message.text) ? UCS2 : 0);
  const octets = octetsOf(message, dataCoding);
  const isSeptets = dataCoding === 0;
  const own = ownTlvs(message);
  const deliver = (shortMessage: Buffer, tlvs: readonly TlvToWrite[], esmClass = 0): DeliverSm => ({
    serviceType: message.serviceType,
    sourceTon: message.sourceTon,
    sourceNpi: 1,
    source: message.source,
    destinationTon: message.destinationTon,
    destinationNpi: 1,
    destination: message.destination,
    esmClass,
    dataCoding,
    shortMessage,
    tlvs: [...own, ...tlvs],
  });
  if (message.form === 'payload')
    return [deliver(Buffer.alloc(0), [{ tag: Tlv.MESSAGE_PAYLOAD, value: octets }])];
  if (octets.length <= (isSeptets ? SINGLE_SEPTETS : SINGLE_OCTETS) && message.partOctets === undefined)
    return [deliver(octets, [])];
  const { form, reference } = message;
  const fits = (isSeptets ? PART_SEPTETS : PART_OCTETS)[form];
  const room = Math.min(message.partOctets ?? fits, fits);
  const bodies = Array.from({ length: Math.ceil(octets.length / room) }, (_, index) =>
    octets.subarray(index * room, (index + 1) * room),
  );
  return bodies.map((body, index) => {
    const place = [bodies.length, index + 1] as const;
    if (form === 'sar') return deliver(body, sarTlvs(reference, ...place));
    return deliver(Buffer.concat([userDataHeader(form, reference, ...place), body]), [], ESM_CLASS_UDHI);
  });
}

function octetsOf({ text, hex }: MobileMessage, dataCoding: number): Buffer {
  if (text === undefined) return Buffer.from(hex ?? '', 'hex');
  return dataCoding === UCS2 ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'latin1');
}

function ownTlvs({ tlvs }: MobileMessage): readonly TlvToWrite[] {
  return Object.entries(tlvs).map(([tag, hex]) => ({
    tag: Number(tag) & 0xffff,
    value: Buffer.from(hex, 'hex'),
  }));
}

/** 3GPP TS 23.040 §9.2.3.24.1 and §9.2.3.24.8. */
function userDataHeader(form: 'udh8' | 'udh16', reference: number, total: number, part: number): Buffer {
  return form === 'udh8'
    ? Buffer.from([5, 0, 3, reference & 0xff, total, part])
    : Buffer.from([6, 8, 4, reference >>> 8, reference & 0xff, total, part]);
}

/** SMPP 3.4 §5.3.2.22-24. */
function sarTlvs(reference: number, total: number, part: number): readonly TlvToWrite[] {
  return [
    { tag: Tlv.SAR_MSG_REF_NUM, value: Buffer.from([reference >>> 8, reference & 0xff]) },
    { tag: Tlv.SAR_TOTAL_SEGMENTS, value: Buffer.from([total]) },
    { tag: Tlv.SAR_SEGMENT_SEQNUM, value: Buffer.from([part]) },
  ];
}
