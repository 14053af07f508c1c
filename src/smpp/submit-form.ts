// A message → the submit_sm of each of its parts, as one SMSC wants them.
import type { Priority } from '../message/message.events.js';
import type { LongForm } from '../message/message-format.js';
import { dataCodingOf } from '../message/data-coding.js';
import type { KnownMessage } from '../message/message.js';
import { type DefaultAlphabet, encodeParts } from '../message/short-message.js';
import { readSourceAddress } from '../message/source-address.js';
import { type SubmitSm, TLV, type Tlv } from './pdu/submit-sm.js';
import { type AddressType, checkSubmitFormOptions, type SubmitFormOptions } from './submit-form.options.js';
import { validityPeriod } from './validity-period.js';

/** SMPP 3.4 §5.2.5 addr_ton international, §5.2.6 addr_npi ISDN (E.164). */
const INTERNATIONAL: AddressType = { ton: 1, npi: 1 };

/** A sender that the intake would not have let in: left to the SMSC to judge. */
const UNKNOWN: AddressType = { ton: 0, npi: 0 };

/** §5.2.12: the short_message begins with a user data header. */
const UDH_INDICATOR = 0x40;

/** §5.2.17: a receipt for success and for failure. */
const RECEIPT_ALWAYS = 1;

const PRIORITY_FLAGS: Readonly<Record<Priority, number>> = { high: 2, normal: 1, low: 0 };

const NO_TLVS: readonly Tlv[] = [];
const NO_TEXT = Buffer.alloc(0);

type Address = AddressType & { readonly address: string };

interface SubmitAddresses {
  readonly source: Address;
  readonly destination: Address;
}

export class SubmitForm {
  /** What an attempt must know of it: goes into AttemptSubmit. */
  readonly cut: { readonly longForm: LongForm; readonly alphabet?: DefaultAlphabet };
  private readonly priorityFlags: Readonly<Record<Priority, number>>;
  private readonly tlvs: readonly Tlv[];

  /** @throws ConnectorOptionError an option that no submit_sm can carry. */
  constructor(private readonly options: SubmitFormOptions = {}) {
    checkSubmitFormOptions(options);
    const { longForm = 'udh8', defaultAlphabet: alphabet = 'gsm' } = options;
    this.cut = alphabet === 'gsm' ? { longForm } : { longForm, alphabet };
    this.priorityFlags = { ...PRIORITY_FLAGS, ...options.priorityFlags };
    this.tlvs = options.tlvs ?? NO_TLVS;
  }

  /**
   * All parts in order, index 0 is part 1, cut as the last attempt recorded it.
   * @param nowMs when they leave; counts where validityPeriod is relative.
   * @throws TextNotEncodableError, TextTooLongError no submit_sm can carry it: reject it.
   */
  submitSms(message: KnownMessage, nowMs: number): readonly SubmitSm[] {
    const { options } = this;
    const encoding = message.shape?.encoding ?? message.encoding;
    const content = encoding === message.encoding ? message : { ...message, encoding };
    const asked = message.shape?.form ?? this.cut.longForm;
    const reference = referenceOf(message.messageId);
    const { parts, hasHeader, form } = encodeParts(content, asked, reference, this.cut.alphabet);
    const { source, destination } = this.addressesOf(message);
    const isInPayload = form === 'payload';
    return parts.map((octets, index) => ({
      serviceType: options.serviceType ?? '',
      sourceTon: source.ton,
      sourceNpi: source.npi,
      sourceAddr: source.address,
      destTon: destination.ton,
      destNpi: destination.npi,
      destAddr: destination.address,
      esmClass: (options.messagingMode ?? 0) | (hasHeader ? UDH_INDICATOR : 0),
      protocolId: options.protocolId ?? 0,
      priorityFlag: this.priorityFlags[message.priority],
      validityPeriod: validityPeriod(options.validityPeriod ?? 'none', message.validUntil, nowMs),
      registeredDelivery: options.registeredDelivery ?? RECEIPT_ALWAYS,
      dataCoding: dataCodingOf(encoding, message.format, options.dataCodings, message.encoding),
      shortMessage: isInPayload ? NO_TEXT : octets,
      replaceIfPresent: options.replaceIfPresent === true && parts.length === 1,
      tlvs: isInPayload
        ? [{ tag: TLV.message_payload, value: octets }, ...this.tlvs]
        : form === 'sar' && parts.length > 1
          ? [...sarOf(reference, parts.length, index + 1), ...this.tlvs]
          : this.tlvs,
    }));
  }

  /** Of every part: the SMSC compares them when it is asked about one (SMPP 3.4 §4.8 to §4.10). */
  addressesOf({ from, to }: Pick<KnownMessage, 'from' | 'to'>): SubmitAddresses {
    const { ton, npi } = this.options.destination ?? INTERNATIONAL;
    return { source: this.sourceOf(from), destination: { ton, npi, address: to.slice(1) } };
  }

  private sourceOf(from: string): Address {
    const sender = readSourceAddress(from);
    const address = sender.status === 'valid' ? sender.address : from;
    const { source = 'auto' } = this.options;
    if (source !== 'auto') return { address, ...source };
    const { ton, npi } = sender.status === 'valid' ? sender : UNKNOWN;
    return { ton, npi, address };
  }
}

/** §5.3.2.22 to §5.3.2.24: all three, or the SMSC ignores them. */
function sarOf(reference: number, total: number, sequence: number): readonly Tlv[] {
  return [
    { tag: TLV.sar_msg_ref_num, value: Uint8Array.of(reference >>> 8, reference & 0xff) },
    { tag: TLV.sar_total_segments, value: Uint8Array.of(total) },
    { tag: TLV.sar_segment_seqnum, value: Uint8Array.of(sequence) },
  ];
}

/**
 * The 16 bits that join the parts on the phone: the same for every attempt of a message, so that a
 * part submitted later still fits the others. The last octets of the id are random.
 */
function referenceOf(messageId: string): number {
  return Number.parseInt(messageId.slice(-4), 16);
}
