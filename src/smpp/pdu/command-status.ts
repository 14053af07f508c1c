// What a command_status asks of the sender. The codes stand in command-status.table.ts; a connector
// may give a code or a range another meaning (status-overrides.ts).
//
// | class      | on a submit_sm                                     | on a bind                     |
// |------------|----------------------------------------------------|-------------------------------|
// | accepted   | nothing                                            | nothing                       |
// | bind-fatal | send again, in minutes                             | bind again in minutes; a person must look |
// | session    | rebuild the link, send again                       | bind again with back-off      |
// | throttle   | slow the connector down, send again; age limits it | bind again with back-off      |
// | retry      | send again a limited number of times               | bind again with back-off      |
// | reject     | final for this message                             | bind again with back-off      |
import type { RetryRule } from '../../message/message.commands.js';
import {
  RETRY_OF_CLASS,
  RETRY_OF_CODE,
  type RetryClass,
  STATUS_TABLE,
  type StatusClass,
  VENDOR_CODES,
} from './command-status.table.js';
import { overrideOf, readStatusOverrides, type StatusOverrides } from './status-overrides.js';

interface Named {
  readonly name: string;
  readonly meaning: string;
}

export type StatusMeaning =
  | (Named & { readonly class: 'accepted' })
  | (Named & { readonly class: 'reject' })
  | (Named & {
      readonly class: RetryClass;
      /** How often and how soon the part is submitted again. */
      readonly retry: RetryRule;
    });

/** The statuses this side answers with or looks for. */
export const STATUS = {
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
  ESME_RMSGQFUL: 0x14,
  ESME_RINVSERTYP: 0x15,
  ESME_RINVEXPIRY: 0x62,
  ESME_ROPTPARNOTALLWD: 0xc1,
  ESME_RINVPARLEN: 0xc2,
} as const;

/**
 * What a deliver_sm is answered with while it cannot be stored: both ask the SMSC to deliver it again.
 * ESME_RX_T_APPN would say so by its name, but some SMSCs take it as final.
 */
export type TryLater = 'ESME_RSYSERR' | 'ESME_RMSGQFUL';

/**
 * How a refused bind is to be taken. fatal: refused until a person changes a setting. occupied: the
 * SMSC still holds an old session of the account, which it drops by its own timers.
 */
export type BindRefusal = 'fatal' | 'occupied' | 'temporary';

/** The codes as one SMSC means them. */
export class StatusTable {
  private readonly known: ReadonlyMap<number, StatusMeaning>;
  private readonly overrides: ReturnType<typeof readStatusOverrides>;

  /** @throws ConnectorOptionError that names the override, what is wrong and what is possible. */
  constructor(overrides: StatusOverrides = {}) {
    this.overrides = readStatusOverrides(overrides);
    this.known = new Map(Object.keys(STATUS_TABLE).map((code) => [Number(code), this.read(Number(code))]));
  }

  /** A code outside the table keeps its number as name and is final, as with Kannel and Jasmin. */
  meaningOf(commandStatus: number): StatusMeaning {
    return this.known.get(commandStatus) ?? this.read(commandStatus);
  }

  /** An SMSC that does not support the bind type answers ESME_RINVCMDID (SMPP 3.4 §4.1). */
  bindRefusal(commandStatus: number): BindRefusal {
    const overridden = overrideOf(this.overrides, commandStatus);
    if (overridden === undefined && commandStatus === STATUS.ESME_RINVCMDID) return 'fatal';
    if (this.meaningOf(commandStatus).class === 'bind-fatal') return 'fatal';
    return commandStatus === STATUS.ESME_RALYBND ? 'occupied' : 'temporary';
  }

  private read(code: number): StatusMeaning {
    const [name, statusClass, meaning] = STATUS_TABLE[code] ?? unlisted(code);
    const override = overrideOf(this.overrides, code);
    const isClass = override?.class ?? statusClass;
    if (isClass === 'accepted' || isClass === 'reject') return { name, meaning, class: isClass };
    // A rule that belongs to the code holds only for the class that the table gives the code.
    const byCode = isClass === statusClass ? RETRY_OF_CODE[code] : undefined;
    const rule = { ...(byCode ?? RETRY_OF_CLASS[isClass]), ...override?.retry };
    // A first pause above the longest of the class is what somebody asked for.
    const longestSeconds = Math.max(rule.longestSeconds, rule.firstSeconds);
    return { name, meaning, class: isClass, retry: { ...rule, longestSeconds } };
  }
}

/** The codes as the specification means them. */
export const STANDARD_STATUSES = new StatusTable();

function unlisted(code: number): readonly [string, StatusClass, string] {
  const name = `0x${code.toString(16).padStart(8, '0')}`;
  const ofVendor = code >= VENDOR_CODES.first && code <= VENDOR_CODES.last;
  return [name, 'reject', ofVendor ? 'an error of this vendor' : 'not in the specification'];
}
