// The SMPP 3.4 numbers the simulator speaks. Written from the specification and kept apart from
// src/smpp on purpose: the simulator must not agree with the ESME by sharing its mistakes.

/** SMPP 3.4 §3.2: command_length, command_id, command_status, sequence_number. */
export const HEADER_OCTETS = 16;

/** Far above any PDU of this protocol: a message_payload holds at most 64 KB (§5.3.2.32). */
export const MAX_PDU_OCTETS = 70_000;

/** SMPP 3.4 §5.1.4: sequence numbers run from 1 to here. */
export const MAX_SEQUENCE_NUMBER = 0x7fffffff;

/** SMPP 3.4 §5.1.2.1. */
export const CommandId = {
  GENERIC_NACK: 0x80000000,
  BIND_RECEIVER: 0x00000001,
  BIND_TRANSMITTER: 0x00000002,
  QUERY_SM: 0x00000003,
  SUBMIT_SM: 0x00000004,
  DELIVER_SM: 0x00000005,
  UNBIND: 0x00000006,
  REPLACE_SM: 0x00000007,
  CANCEL_SM: 0x00000008,
  BIND_TRANSCEIVER: 0x00000009,
  ENQUIRE_LINK: 0x00000015,
  ALERT_NOTIFICATION: 0x00000102,
  DATA_SM: 0x00000103,
} as const;

/** Set in the command_id of every response (§5.1.2). */
export const RESPONSE_BIT = 0x80000000;

/** SMPP 3.4 §5.1.3. */
export const CommandStatus = {
  ESME_ROK: 0x00,
  ESME_RINVMSGLEN: 0x01,
  ESME_RINVCMDLEN: 0x02,
  ESME_RINVCMDID: 0x03,
  ESME_RINVBNDSTS: 0x04,
  ESME_RALYBND: 0x05,
  ESME_RSYSERR: 0x08,
  ESME_RINVSRCADR: 0x0a,
  ESME_RINVDSTADR: 0x0b,
  ESME_RINVMSGID: 0x0c,
  ESME_RBINDFAIL: 0x0d,
  ESME_RINVPASWD: 0x0e,
  ESME_RINVSYSID: 0x0f,
  ESME_RCANCELFAIL: 0x11,
  ESME_RREPLACEFAIL: 0x13,
  ESME_RMSGQFUL: 0x14,
  ESME_RINVSERTYP: 0x15,
  ESME_RSUBMITFAIL: 0x45,
  ESME_RTHROTTLED: 0x58,
  ESME_RINVSCHED: 0x61,
  ESME_RINVEXPIRY: 0x62,
  ESME_RX_T_APPN: 0x64,
  ESME_RQUERYFAIL: 0x67,
} as const;

const STATUS_NAMES = new Map<number, string>(
  Object.entries(CommandStatus).map(([name, status]) => [status, name]),
);

/** The specification's name, or the number in hexadecimal when the simulator does not know it. */
export function statusName(status: number): string {
  return STATUS_NAMES.get(status) ?? `0x${status.toString(16).padStart(8, '0')}`;
}

/** SMPP 3.4 §5.3.2. */
export const Tlv = {
  RECEIPTED_MESSAGE_ID: 0x001e,
  SC_INTERFACE_VERSION: 0x0210,
  NETWORK_ERROR_CODE: 0x0423,
  SAR_MSG_REF_NUM: 0x020c,
  SAR_TOTAL_SEGMENTS: 0x020e,
  SAR_SEGMENT_SEQNUM: 0x020f,
  MS_AVAILABILITY_STATUS: 0x0422,
  MESSAGE_PAYLOAD: 0x0424,
  MESSAGE_STATE: 0x0427,
  /** SMPP 5.0 §4.8.4.18. */
  CONGESTION_STATE: 0x0428,
} as const;

export const INTERFACE_VERSION_3_4 = 0x34;

/** SMPP 3.4 §5.2.12: message type bits of esm_class. */
export const ESM_CLASS_RECEIPT = 0x04;
export const ESM_CLASS_INTERMEDIATE_NOTIFICATION = 0x20;
/** SMPP 3.4 §5.2.12: the short message starts with a user data header. */
export const ESM_CLASS_UDHI = 0x40;
