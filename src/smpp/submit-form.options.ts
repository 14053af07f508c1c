// What one SMSC wants of a submit_sm. Everything has a default that most take.
import type { Priority } from '../message/message.events.js';
import type { Encoding, LongForm } from '../message/message-format.js';
import type { DefaultAlphabet } from '../message/short-message.js';
import { TLV, type Tlv } from './pdu/submit-sm.js';
import { ConnectorOptionError } from './smpp.errors.js';
import type { ValidityPeriodForm } from './validity-period.js';

/** Type of number and numbering plan (SMPP 3.4 §5.2.5, §5.2.6). */
export interface AddressType {
  readonly ton: number;
  readonly npi: number;
}

export interface SubmitFormOptions {
  /** `auto`, the default: international, short code or alphanumeric by the shape of the sender. */
  readonly source?: 'auto' | AddressType;
  /** Default: international, E.164. */
  readonly destination?: AddressType;
  /** At most 5 ASCII characters; default: empty. */
  readonly serviceType?: string;
  readonly protocolId?: number;
  /** Default 1: a receipt for success and for failure. SMPPSim sends none for any other value. */
  readonly registeredDelivery?: number;
  /** esm_class bits 1-0 (§5.2.12): 0 default, 1 datagram, 2 forward, 3 store and forward. */
  readonly messagingMode?: 0 | 1 | 2 | 3;
  /** From the message's validUntil. Default `none`: the SMSC's own. */
  readonly validityPeriod?: ValidityPeriodForm;
  /** Default: high 2, normal 1, low 0. */
  readonly priorityFlags?: Readonly<Partial<Record<Priority, number>>>;
  /** What the SMSC has behind data_coding 0; default `gsm`. */
  readonly defaultAlphabet?: DefaultAlphabet;
  /** Where the SMSC wants another data_coding than 0, 3, 8 and 4. */
  readonly dataCodings?: Readonly<Partial<Record<Encoding, number>>>;
  /**
   * For messages of one part; default false. The parts of a longer one have the same addresses and
   * service type, by which the SMSC matches (§5.2.18): each would take the place of the one before.
   */
  readonly replaceIfPresent?: boolean;
  /** Added to every submit_sm, behind our own. */
  readonly tlvs?: readonly Tlv[];
  /** How a message of several parts is cut; default `udh8`. */
  readonly longForm?: LongForm;
}

/** Filled in by us for each part: a second one would contradict it. */
const OUR_TAGS: ReadonlySet<number> = new Set(Object.values(TLV));

const SERVICE_TYPE = /^[ -~]{0,5}$/;

/** @throws ConnectorOptionError naming the option that no submit_sm can carry. */
export function checkSubmitFormOptions(options: SubmitFormOptions): void {
  const { source = 'auto', destination, serviceType = '', tlvs = [] } = options;
  const octets: Readonly<Record<string, number | undefined>> = {
    'source.ton': source === 'auto' ? undefined : source.ton,
    'source.npi': source === 'auto' ? undefined : source.npi,
    'destination.ton': destination?.ton,
    'destination.npi': destination?.npi,
    protocolId: options.protocolId,
    registeredDelivery: options.registeredDelivery,
    ...prefixed('priorityFlags', options.priorityFlags),
    ...prefixed('dataCodings', options.dataCodings),
  };
  for (const [name, value] of Object.entries(octets)) {
    if (value !== undefined && !isWithin(value, 0xff))
      throw refused(name, value, 'a whole number from 0 to 255');
  }
  if (!SERVICE_TYPE.test(serviceType)) {
    throw refused('serviceType', serviceType, 'at most 5 printable ASCII characters');
  }
  for (const { tag } of tlvs) {
    if (!isWithin(tag, 0xffff)) throw refused('tlvs', tag, 'a tag from 0 to 65535');
    if (OUR_TAGS.has(tag)) {
      throw refused('tlvs', `0x${tag.toString(16).padStart(4, '0')}`, 'a tag that is not set for each part');
    }
  }
}

/** @throws ConnectorOptionError naming the option that has no field in data_sm (SMPP 3.4 §4.7.1). */
export function checkDataSmForm({ validityPeriod, replaceIfPresent }: SubmitFormOptions): void {
  if (validityPeriod === 'absolute') {
    throw refused('validityPeriod', validityPeriod, 'none or relative with submitWith: data_sm');
  }
  if (replaceIfPresent === true) {
    throw refused('replaceIfPresent', 'true', 'false or left out with submitWith: data_sm');
  }
}

/** @throws ConnectorOptionError naming the option that needs TLVs, which begin with SMPP 3.4 (§3.4). */
export function checkForm33({ tlvs = [], longForm = 'udh8' }: SubmitFormOptions): void {
  if (tlvs.length > 0)
    throw refused('tlvs', `a list of ${String(tlvs.length)}`, 'left out with interfaceVersion: 3.3');
  if (longForm === 'sar' || longForm === 'payload') {
    throw refused('longForm', longForm, 'udh8 or udh16 with interfaceVersion: 3.3, which has no TLVs');
  }
}

function prefixed(
  name: string,
  values: Readonly<Partial<Record<string, number>>> = {},
): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]));
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}

function refused(name: string, value: string | number, wanted: string): ConnectorOptionError {
  return new ConnectorOptionError(`${name} is ${String(value)}, it must be ${wanted}`);
}
