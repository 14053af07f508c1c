// command_status as data: code → name, class, meaning, and how often and how soon a part is submitted
// again. Names: SMPP 3.4 §5.1.3; meanings and codes from 0x100 on: SMPP 5.0 §4.7.6. The grouping
// follows what Kannel (smsc_smpp.c) and Jasmin (its submit_sm retry table) do with each code.
import type { RetryRule } from '../../message/message.commands.js';

/** What a command_status asks of the sender; the table of command-status.ts. */
export type StatusClass = 'accepted' | 'bind-fatal' | 'session' | 'throttle' | 'retry' | 'reject';

/** The classes after which the same part is submitted again. */
export type RetryClass = Exclude<StatusClass, 'accepted' | 'reject'>;

export const STATUS_TABLE: Readonly<
  Record<number, readonly [name: string, statusClass: StatusClass, meaning: string]>
> = {
  0x00: ['ESME_ROK', 'accepted', 'no error'],
  0x01: ['ESME_RINVMSGLEN', 'reject', 'short_message is too long'],
  0x02: ['ESME_RINVCMDLEN', 'session', 'command_length does not fit the PDU'],
  0x03: ['ESME_RINVCMDID', 'session', 'command_id is unknown or not allowed'],
  0x04: ['ESME_RINVBNDSTS', 'session', 'the session is not bound for this command'],
  0x05: ['ESME_RALYBND', 'session', 'the account is bound already'],
  0x06: ['ESME_RINVPRTFLG', 'reject', 'priority_flag is not valid'],
  0x07: ['ESME_RINVREGDLVFLG', 'reject', 'registered_delivery is not valid'],
  0x08: ['ESME_RSYSERR', 'retry', 'the SMSC has a system error'],
  0x0a: ['ESME_RINVSRCADR', 'reject', 'source address is not valid'],
  0x0b: ['ESME_RINVDSTADR', 'reject', 'destination address is not valid'],
  0x0c: ['ESME_RINVMSGID', 'reject', 'message_id is unknown'],
  0x0d: ['ESME_RBINDFAIL', 'bind-fatal', 'the bind failed'],
  0x0e: ['ESME_RINVPASWD', 'bind-fatal', 'the password is wrong'],
  0x0f: ['ESME_RINVSYSID', 'bind-fatal', 'system_id is wrong'],
  0x11: ['ESME_RCANCELFAIL', 'reject', 'cancel_sm failed'],
  0x13: ['ESME_RREPLACEFAIL', 'reject', 'replace_sm failed'],
  0x14: ['ESME_RMSGQFUL', 'throttle', 'the message queue of the SMSC or of this destination is full'],
  0x15: ['ESME_RINVSERTYP', 'reject', 'service_type is not valid'],
  0x33: ['ESME_RINVNUMDESTS', 'reject', 'the number of destinations is not valid'],
  0x34: ['ESME_RINVDLNAME', 'reject', 'the name of the distribution list is not valid'],
  0x40: ['ESME_RINVDESTFLAG', 'reject', 'dest_flag is not valid'],
  0x42: ['ESME_RINVSUBREP', 'reject', 'submit with replace is not possible'],
  0x43: ['ESME_RINVESMCLASS', 'reject', 'esm_class is not valid'],
  0x44: ['ESME_RCNTSUBDL', 'reject', 'cannot submit to the distribution list'],
  0x45: ['ESME_RSUBMITFAIL', 'retry', 'the submit failed'],
  0x48: ['ESME_RINVSRCTON', 'reject', 'source address TON is not valid'],
  0x49: ['ESME_RINVSRCNPI', 'reject', 'source address NPI is not valid'],
  0x50: ['ESME_RINVDSTTON', 'reject', 'destination address TON is not valid'],
  0x51: ['ESME_RINVDSTNPI', 'reject', 'destination address NPI is not valid'],
  0x53: ['ESME_RINVSYSTYP', 'bind-fatal', 'system_type is wrong'],
  0x54: ['ESME_RINVREPFLAG', 'reject', 'replace_if_present_flag is not valid'],
  0x55: ['ESME_RINVNUMMSGS', 'reject', 'the number of messages is not valid'],
  0x58: ['ESME_RTHROTTLED', 'throttle', 'more was sent than the account may send'],
  0x61: ['ESME_RINVSCHED', 'reject', 'schedule_delivery_time is not valid'],
  0x62: ['ESME_RINVEXPIRY', 'reject', 'validity_period is not valid'],
  0x63: ['ESME_RINVDFTMSGID', 'reject', 'the predefined message does not exist'],
  0x64: ['ESME_RX_T_APPN', 'retry', 'the receiving side has a temporary error'],
  0x65: ['ESME_RX_P_APPN', 'reject', 'the receiving side has a permanent error'],
  0x66: ['ESME_RX_R_APPN', 'reject', 'the receiving side rejects the message'],
  0x67: ['ESME_RQUERYFAIL', 'retry', 'query_sm failed'],
  0xc0: ['ESME_RINVOPTPARSTREAM', 'reject', 'the optional parameters cannot be read'],
  0xc1: ['ESME_ROPTPARNOTALLWD', 'reject', 'an optional parameter is not allowed'],
  0xc2: ['ESME_RINVPARLEN', 'reject', 'the length of a parameter is not valid'],
  0xc3: ['ESME_RMISSINGOPTPARAM', 'reject', 'an expected optional parameter is missing'],
  0xc4: ['ESME_RINVOPTPARAMVAL', 'reject', 'the value of an optional parameter is not valid'],
  0xfe: ['ESME_RDELIVERYFAILURE', 'retry', 'the delivery failed'],
  0xff: ['ESME_RUNKNOWNERR', 'retry', 'an error without a code of its own'],
  0x100: ['ESME_RSERTYPUNAUTH', 'reject', 'service_type is not authorised for this account'],
  0x101: ['ESME_RPROHIBITED', 'reject', 'the operation is prohibited for this account'],
  0x102: ['ESME_RSERTYPUNAVAIL', 'reject', 'service_type is not available'],
  0x103: ['ESME_RSERTYPDENIED', 'reject', 'service_type is denied'],
  0x104: ['ESME_RINVDCS', 'reject', 'data_coding is not valid'],
  0x105: ['ESME_RINVSRCADDRSUBUNIT', 'reject', 'source_addr_subunit is not valid'],
  0x106: ['ESME_RINVDSTADDRSUBUNIT', 'reject', 'dest_addr_subunit is not valid'],
  0x107: ['ESME_RINVBCASTFREQINT', 'reject', 'broadcast_frequency_interval is not valid'],
  0x108: ['ESME_RINVBCASTALIAS_NAME', 'reject', 'the broadcast alias is not valid'],
  0x109: ['ESME_RINVBCASTAREAFMT', 'reject', 'broadcast_area_identifier is not valid'],
  0x10a: ['ESME_RINVNUMBCAST_AREAS', 'reject', 'the number of broadcast areas is not valid'],
  0x10b: ['ESME_RINVBCASTCNTTYPE', 'reject', 'broadcast_content_type is not valid'],
  0x10c: ['ESME_RINVBCASTMSGCLASS', 'reject', 'broadcast_message_class is not valid'],
  0x10d: ['ESME_RBCASTFAIL', 'reject', 'broadcast_sm failed'],
  0x10e: ['ESME_RBCASTQUERYFAIL', 'reject', 'query_broadcast_sm failed'],
  0x10f: ['ESME_RBCASTCANCELFAIL', 'reject', 'cancel_broadcast_sm failed'],
  0x110: ['ESME_RINVBCAST_REP', 'reject', 'the number of broadcast repetitions is not valid'],
  0x111: ['ESME_RINVBCASTSRVGRP', 'reject', 'broadcast_service_group is not valid'],
  0x112: ['ESME_RINVBCASTCHANIND', 'reject', 'broadcast_channel_indicator is not valid'],
};

/**
 * Codes that the specification leaves to the vendor (§5.1.3). Final unless the connector says
 * otherwise: what one SMSC means by 0x401 says nothing about the next.
 */
export const VENDOR_CODES = { first: 0x400, last: 0x4ff } as const;

/** What a class asks for where its code has no rule of its own. */
export const RETRY_OF_CLASS: Readonly<Record<RetryClass, RetryRule>> = {
  // An account that is refused in the middle of a session is a matter of minutes, and of a person.
  'bind-fatal': { limit: null, firstSeconds: 60, factor: 2, longestSeconds: 900 },
  // The message is not at fault: it goes again as soon as the session is rebuilt.
  session: { limit: null, firstSeconds: 1, factor: 2, longestSeconds: 60 },
  // The rate of the connector adapts, so that the part itself need not wait; age alone limits it.
  throttle: { limit: null, firstSeconds: 1, factor: 1, longestSeconds: 1 },
  // Three more tries over three and a half minutes. Jasmin: 2 × 30 s for ESME_RSYSERR.
  retry: { limit: 3, firstSeconds: 30, factor: 2, longestSeconds: 900 },
};

// Where one code needs other patience than its class. The counts are guesses between Jasmin (2) and
// Kannel (without end): together about as long as an outage that an SMSC calls temporary lasts.
export const RETRY_OF_CODE: Readonly<Record<number, RetryRule>> = {
  // One PDU that the SMSC cannot read, over and over and on fresh sessions, is at fault itself.
  0x02: { limit: 6, firstSeconds: 5, factor: 2, longestSeconds: 300 },
  0x03: { limit: 6, firstSeconds: 5, factor: 2, longestSeconds: 300 },
  // 15 minutes in all: a restart of the SMSC, or of what stands behind it.
  0x08: { limit: 5, firstSeconds: 30, factor: 2, longestSeconds: 900 },
  // The queue of one phone stays full longer than our rate can help; Jasmin waits 180 s.
  0x14: { limit: null, firstSeconds: 1, factor: 2, longestSeconds: 30 },
  0x64: { limit: 5, firstSeconds: 30, factor: 2, longestSeconds: 900 },
};
