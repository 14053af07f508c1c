// Whether a bind is accepted: the account it names, or why not.
import type { Account } from '../delivery/account.js';
import { readBind } from '../wire/bind.js';
import { CommandStatus } from '../wire/pdu.js';
import type { Centre } from './centre.js';

export interface AcceptedBind {
  readonly account: Account;
  readonly interfaceVersion: number;
}

/** The account and the version it speaks, or the command_status to refuse the bind with. */
export function judgeBind(centre: Centre, buffer: Buffer, start: number, end: number): AcceptedBind | number {
  const { bindStatus, maxSessionsPerAccount } = centre.settings;
  if (bindStatus !== 0) return bindStatus;
  const bind = readBind(buffer, start, end);
  if (typeof bind === 'number') return bind;
  const account = centre.accounts.get(bind.systemId);
  if (account === undefined) return CommandStatus.ESME_RINVSYSID;
  if (account.password !== bind.password) return CommandStatus.ESME_RINVPASWD;
  if (maxSessionsPerAccount > 0 && centre.boundSessions(account).length >= maxSessionsPerAccount) {
    return CommandStatus.ESME_RBINDFAIL;
  }
  return { account, interfaceVersion: bind.interfaceVersion };
}
