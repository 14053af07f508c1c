// The connection string of EventStoreDB, checked before the client sees it: the client prints the
// whole string, password included, when it does not know an option.
import { JournalError } from '../journal.errors.js';

/** The connection string cannot be used; a person must change it. Never holds the string itself. */
export class ConnectionUrlError extends JournalError {
  readonly code = 'JOURNAL_CONNECTION_URL';
  readonly retryable = false;
}

const OPTIONS = new Set([
  'tls',
  'tlsCAFile',
  'userCertFile',
  'userKeyFile',
  'nodePreference',
  'connectionName',
  'defaultDeadline',
  'keepAliveInterval',
  'keepAliveTimeout',
  'discoveryInterval',
  'gossipTimeout',
  'maxDiscoverAttempts',
]);

/** What looks useful and is not, with the way out. */
const REFUSED: Record<string, string> = {
  tlsVerifyCert: 'the client always checks the certificate: name the authority with tlsCAFile',
  throwOnAppendFailure: 'a refused append would come back without its revision: leave the option out',
};

const FORM = /^esdb(?:\+discover)?:\/\/(?:([^:@/?]+):([^@/?]+)@)?([^@/?]+)\/?(?:\?(.*))?$/u;

/** @throws ConnectionUrlError which names the problem and the way out, and shows no part of the value but option names */
export function checkConnectionUrl(url: string): void {
  const parts = FORM.exec(url);
  if (parts === null) {
    throw new ConnectionUrlError(
      'the EventStoreDB URL is not understood: write esdb://user:password@host:2113?tls=true, and : / ? @ in a password as %3A %2F %3F %40',
    );
  }
  const [, , password = '', , query = ''] = parts;
  if (password.includes(':')) {
    throw new ConnectionUrlError('the password in the EventStoreDB URL holds a colon: write %3A for it');
  }
  if (query === '') return;
  for (const pair of query.split('&')) {
    const [name = '', value = ''] = pair.split('=');
    const reason = REFUSED[name];
    if (reason !== undefined) throw new ConnectionUrlError(`the EventStoreDB URL sets ${name}: ${reason}`);
    if (!OPTIONS.has(name)) {
      const known = [...OPTIONS].join(', ');
      const shown = JSON.stringify(name.slice(0, 30));
      throw new ConnectionUrlError(`the EventStoreDB URL has an unknown option ${shown}: use ${known}`);
    }
    if (value === '') throw new ConnectionUrlError(`the EventStoreDB URL gives ${name} no value`);
  }
}
