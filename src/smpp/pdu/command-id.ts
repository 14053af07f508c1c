// command_id values, SMPP 3.4 §5.1.2.1.
export const COMMAND_ID = {
  generic_nack: 0x80000000,
  bind_receiver: 0x00000001,
  bind_transmitter: 0x00000002,
  query_sm: 0x00000003,
  query_sm_resp: 0x80000003,
  submit_sm: 0x00000004,
  submit_sm_resp: 0x80000004,
  deliver_sm: 0x00000005,
  deliver_sm_resp: 0x80000005,
  unbind: 0x00000006,
  unbind_resp: 0x80000006,
  replace_sm: 0x00000007,
  replace_sm_resp: 0x80000007,
  cancel_sm: 0x00000008,
  cancel_sm_resp: 0x80000008,
  bind_transceiver: 0x00000009,
  outbind: 0x0000000b,
  enquire_link: 0x00000015,
  enquire_link_resp: 0x80000015,
  alert_notification: 0x00000102,
  data_sm: 0x00000103,
  data_sm_resp: 0x80000103,
} as const;

/** A response carries its request's command_id with this bit set. */
export const RESPONSE_BIT = 0x80000000;

/** Octets of every PDU's header: length, id, status, sequence_number. */
export const HEADER_OCTETS = 16;

/** SMPP 3.4 §5.1.4: sequence_number runs from 1 to this. */
export const MAX_SEQUENCE_NUMBER = 0x7fffffff;
