// command_status values and what each asks of the sender. Names: SMPP 3.4 §5.1.3; codes from 0x100
// on: SMPP 5.0 §4.7.6. The grouping follows what Kannel and Jasmin do with each code.
//
// | class      | what it asks                                                               |
// |------------|----------------------------------------------------------------------------|
// | accepted   | nothing                                                                    |
// | bind-fatal | a wrong account setting: rebind slowly and tell a person                   |
// | session    | the session is unusable: rebuild the link; the message is not refused      |
// | throttle   | slow the connector down and send again; only the message's age limits it   |
// | retry      | send again later, a limited number of times                                |
// | reject     | final for this message                                                     |

export type StatusClass = 'accepted' | 'bind-fatal' | 'session' | 'throttle' | 'retry' | 'reject';

export interface StatusMeaning {
  readonly name: string;
  readonly class: StatusClass;
}

const TABLE: Readonly<Record<number, readonly [string, StatusClass]>> = {
  0x00: ['ESME_ROK', 'accepted'],
  0x01: ['ESME_RINVMSGLEN', 'reject'],
  0x02: ['ESME_RINVCMDLEN', 'session'],
  0x03: ['ESME_RINVCMDID', 'session'],
  0x04: ['ESME_RINVBNDSTS', 'session'],
  0x05: ['ESME_RALYBND', 'session'],
  0x06: ['ESME_RINVPRTFLG', 'reject'],
  0x07: ['ESME_RINVREGDLVFLG', 'reject'],
  0x08: ['ESME_RSYSERR', 'retry'],
  0x0a: ['ESME_RINVSRCADR', 'reject'],
  0x0b: ['ESME_RINVDSTADR', 'reject'],
  0x0c: ['ESME_RINVMSGID', 'reject'],
  0x0d: ['ESME_RBINDFAIL', 'bind-fatal'],
  0x0e: ['ESME_RINVPASWD', 'bind-fatal'],
  0x0f: ['ESME_RINVSYSID', 'bind-fatal'],
  0x11: ['ESME_RCANCELFAIL', 'reject'],
  0x13: ['ESME_RREPLACEFAIL', 'reject'],
  0x14: ['ESME_RMSGQFUL', 'throttle'],
  0x15: ['ESME_RINVSERTYP', 'reject'],
  0x33: ['ESME_RINVNUMDESTS', 'reject'],
  0x34: ['ESME_RINVDLNAME', 'reject'],
  0x40: ['ESME_RINVDESTFLAG', 'reject'],
  0x42: ['ESME_RINVSUBREP', 'reject'],
  0x43: ['ESME_RINVESMCLASS', 'reject'],
  0x44: ['ESME_RCNTSUBDL', 'reject'],
  0x45: ['ESME_RSUBMITFAIL', 'retry'],
  0x48: ['ESME_RINVSRCTON', 'reject'],
  0x49: ['ESME_RINVSRCNPI', 'reject'],
  0x50: ['ESME_RINVDSTTON', 'reject'],
  0x51: ['ESME_RINVDSTNPI', 'reject'],
  0x53: ['ESME_RINVSYSTYP', 'bind-fatal'],
  0x54: ['ESME_RINVREPFLAG', 'reject'],
  0x55: ['ESME_RINVNUMMSGS', 'reject'],
  0x58: ['ESME_RTHROTTLED', 'throttle'],
  0x61: ['ESME_RINVSCHED', 'reject'],
  0x62: ['ESME_RINVEXPIRY', 'reject'],
  0x63: ['ESME_RINVDFTMSGID', 'reject'],
  0x64: ['ESME_RX_T_APPN', 'retry'],
  0x65: ['ESME_RX_P_APPN', 'reject'],
  0x66: ['ESME_RX_R_APPN', 'reject'],
  0x67: ['ESME_RQUERYFAIL', 'retry'],
  0xc0: ['ESME_RINVOPTPARSTREAM', 'reject'],
  0xc1: ['ESME_ROPTPARNOTALLWD', 'reject'],
  0xc2: ['ESME_RINVPARLEN', 'reject'],
  0xc3: ['ESME_RMISSINGOPTPARAM', 'reject'],
  0xc4: ['ESME_RINVOPTPARAMVAL', 'reject'],
  0xfe: ['ESME_RDELIVERYFAILURE', 'retry'],
  0xff: ['ESME_RUNKNOWNERR', 'retry'],
  0x100: ['ESME_RSERTYPUNAUTH', 'reject'],
  0x101: ['ESME_RPROHIBITED', 'reject'],
  0x102: ['ESME_RSERTYPUNAVAIL', 'reject'],
  0x103: ['ESME_RSERTYPDENIED', 'reject'],
  0x104: ['ESME_RINVDCS', 'reject'],
  0x105: ['ESME_RINVSRCADDRSUBUNIT', 'reject'],
  0x106: ['ESME_RINVDSTADDRSUBUNIT', 'reject'],
  0x107: ['ESME_RINVBCASTFREQINT', 'reject'],
  0x108: ['ESME_RINVBCASTALIAS_NAME', 'reject'],
  0x109: ['ESME_RINVBCASTAREAFMT', 'reject'],
  0x10a: ['ESME_RINVNUMBCAST_AREAS', 'reject'],
  0x10b: ['ESME_RINVBCASTCNTTYPE', 'reject'],
  0x10c: ['ESME_RINVBCASTMSGCLASS', 'reject'],
  0x10d: ['ESME_RBCASTFAIL', 'reject'],
  0x10e: ['ESME_RBCASTQUERYFAIL', 'reject'],
  0x10f: ['ESME_RBCASTCANCELFAIL', 'reject'],
  0x110: ['ESME_RINVBCAST_REP', 'reject'],
  0x111: ['ESME_RINVBCASTSRVGRP', 'reject'],
  0x112: ['ESME_RINVBCASTCHANIND', 'reject'],
};

const MEANINGS = new Map<number, StatusMeaning>(
  Object.entries(TABLE).map(([code, [name, statusClass]]) => [Number(code), { name, class: statusClass }]),
);

/** The statuses this side answers with or looks for. */
export const STATUS = {
  ESME_ROK: 0x00,
  ESME_RINVMSGLEN: 0x01,
  ESME_RINVCMDLEN: 0x02,
  ESME_RINVCMDID: 0x03,
  ESME_RINVBNDSTS: 0x04,
  ESME_RSYSERR: 0x08,
  ESME_RINVSRCADR: 0x0a,
  ESME_RINVDSTADR: 0x0b,
  ESME_RMSGQFUL: 0x14,
  ESME_RINVSERTYP: 0x15,
  ESME_RINVEXPIRY: 0x62,
} as const;

/** Code → class, for an SMSC that means something else by a code than the specification does. */
export type StatusOverrides = Readonly<Record<number, StatusClass>>;

/** A code outside the table keeps its number as name and is final, as with Kannel and Jasmin. */
export function meaningOf(commandStatus: number, overrides: StatusOverrides = {}): StatusMeaning {
  const known = MEANINGS.get(commandStatus) ?? { name: hexCode(commandStatus), class: 'reject' };
  const override = overrides[commandStatus];
  return override === undefined ? known : { name: known.name, class: override };
}

/**
 * Whether a bind_resp with this status will stay refused until a person changes a setting. An
 * SMSC that does not support the bind type answers ESME_RINVCMDID (SMPP 3.4 §4.1).
 */
export function isBindFatal(commandStatus: number): boolean {
  return commandStatus === STATUS.ESME_RINVCMDID || meaningOf(commandStatus).class === 'bind-fatal';
}

function hexCode(commandStatus: number): string {
  return `0x${commandStatus.toString(16).padStart(8, '0')}`;
}
