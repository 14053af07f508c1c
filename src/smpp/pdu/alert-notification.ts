// alert_notification (SMPP 3.4 §4.12): the SMSC says that a phone can be reached again. It has no
// response. Reading is bounded by the PDU and never throws.
import { HEADER_OCTETS } from './command-id.js';
import { findTlv } from './tlv.js';

export interface AlertNotification {
  readonly sourceTon: number;
  readonly sourceNpi: number;
  /** The phone. */
  readonly sourceAddr: string;
  readonly esmeTon: number;
  readonly esmeNpi: number;
  /** Our address that once could not reach it. */
  readonly esmeAddr: string;
  /** ms_availability_status (§5.3.2.30); null when the SMSC does not say. */
  readonly availabilityStatus: number | null;
}

const MS_AVAILABILITY_STATUS = 0x0422;

/** §4.12.1: source_addr and esme_addr have at most 65 octets, the NUL included. */
const MAX_ADDRESS = 64;

/** Null when the PDU ends before its fields do. */
export function readAlertNotification(octets: Buffer, start: number, end: number): AlertNotification | null {
  const source = readAddress(octets, start + HEADER_OCTETS, end);
  const esme = source === null ? null : readAddress(octets, source.end, end);
  if (source === null || esme === null) return null;
  const status = findTlv(octets, esme.end, end, MS_AVAILABILITY_STATUS);
  return {
    sourceTon: source.ton,
    sourceNpi: source.npi,
    sourceAddr: source.address,
    esmeTon: esme.ton,
    esmeNpi: esme.npi,
    esmeAddr: esme.address,
    availabilityStatus: status?.length === 1 ? status.readUInt8(0) : null,
  };
}

interface Address {
  readonly ton: number;
  readonly npi: number;
  readonly address: string;
  readonly end: number;
}

function readAddress(octets: Buffer, from: number, end: number): Address | null {
  const nul = from + 2 < end ? octets.indexOf(0, from + 2) : -1;
  if (nul === -1 || nul >= end || nul - from - 2 > MAX_ADDRESS) return null;
  return {
    ton: octets.readUInt8(from),
    npi: octets.readUInt8(from + 1),
    address: octets.toString('latin1', from + 2, nul),
    end: nul + 1,
  };
}
