import { describe, expect, jest, test } from '@jest/globals';
import { checkConnectionUrl, ConnectionUrlError } from './connection-url.js';
import { openClient } from './store-client.js';

describe('the connection string of EventStoreDB', () => {
  test.each([
    'esdb://127.0.0.1:2113?tls=false',
    'esdb://user:pass%40word@db.example.com:2113?tls=true&tlsCAFile=/etc/ca.pem',
    'esdb+discover://user:secret@cluster.example.com?nodePreference=leader&keepAliveInterval=10000',
    'esdb://one:2113,two:2113,three:2113?userCertFile=/c.pem&userKeyFile=/k.pem',
    'esdb://one',
  ])('may be %s', (url) => {
    expect(() => {
      checkConnectionUrl(url);
    }).not.toThrow();
  });

  test.each([
    ['http://user:hunter2@host:2113', 'is not understood'],
    ['esdb://user:hunter2@', 'is not understood'],
    ['esdb://user:hunter2:more@host:2113', '%3A'],
    ['esdb://user:hunter2@host:2113?tlsVerifyCert=false', 'tlsCAFile'],
    ['esdb://user:hunter2@host:2113?throwOnAppendFailure=false', 'leave the option out'],
    ['esdb://user:hunter2@host:2113?verify=no', 'unknown option "verify"'],
    ['esdb://user:hunter2@host:2113?tls=', 'no value'],
    ['esdb://user:hunter2@host:2113?tls=perhaps', 'check hosts, ports and options'],
    ['esdb://user:hunter2@host:port', 'check hosts, ports and options'],
    ['esdb://user:hunter2@host:2113?tlsCAFile=/nowhere/ca.pem', 'File was not found'],
    ['esdb://user:hunter2@host:2113?userCertFile=/nowhere/c.pem', 'userKeyFile'],
  ])('%s is refused, says why, and shows no password', (url, words) => {
    const printed = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    let refused: unknown;
    try {
      openClient(url);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(ConnectionUrlError);
    expect(String(refused)).toContain(words);
    expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain('hunter2');
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });
});
