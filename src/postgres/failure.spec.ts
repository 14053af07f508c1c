import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { sqlState, type Verdict, verdictOn, violatedConstraint } from './failure.js';

function serverError(code: string, severity = 'ERROR', constraint?: string): pg.DatabaseError {
  const error = new pg.DatabaseError('said the server', 0, 'error');
  return Object.assign(error, { code, severity, constraint });
}

describe('the verdict on a failed statement', () => {
  test.each<[string, string, string, Verdict]>([
    ['23505', 'ERROR', 'a duplicate key was rolled back', 'refused'],
    ['22021', 'ERROR', 'a character that cannot be kept', 'refused'],
    ['42P01', 'ERROR', 'a missing table', 'refused'],
    ['54000', 'ERROR', 'an index row too large', 'refused'],
    ['53100', 'ERROR', 'a full disk', 'unavailable'],
    ['53300', 'FATAL', 'too many connections', 'unavailable'],
    ['55P03', 'ERROR', 'a lock timeout', 'unavailable'],
    ['57014', 'ERROR', 'a statement timeout', 'unavailable'],
    ['57P03', 'FATAL', 'a server that is starting', 'unavailable'],
    ['25006', 'ERROR', 'a standby', 'unavailable'],
    ['40001', 'ERROR', 'a serialisation failure', 'unavailable'],
    ['40003', 'ERROR', 'completion unknown, as the standard calls it', 'unknown'],
    ['57P01', 'FATAL', 'an administrator, perhaps after the commit', 'unknown'],
    ['57P02', 'FATAL', 'a crash of another session', 'unknown'],
    ['25P03', 'FATAL', 'an idle transaction', 'unknown'],
    ['58030', 'PANIC', 'a failed fsync', 'unknown'],
    ['XX000', 'ERROR', 'a defect of the server', 'unknown'],
    ['01234', 'FATAL', 'an unknown code that ended the session', 'unknown'],
    ['01234', 'ERROR', 'an unknown code that did not', 'refused'],
  ])('%s %s (%s) is %s', (code, severity, _, verdict) => {
    expect(verdictOn(serverError(code, severity), true)).toBe(verdict);
  });

  test('is unknown when the link was lost after the statement had left', () => {
    expect(verdictOn(Object.assign(new Error('read'), { code: 'ECONNRESET' }), true)).toBe('unknown');
    expect(verdictOn(new Error('Connection terminated unexpectedly'), true)).toBe('unknown');
  });

  test('is unavailable when nothing had left', () => {
    expect(verdictOn(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), false)).toBe(
      'unavailable',
    );
    expect(verdictOn(serverError('57P01', 'FATAL'), false)).toBe('unavailable');
  });
});

describe('what the server named', () => {
  test('is read from its own errors only', () => {
    expect(sqlState(serverError('23505'))).toBe('23505');
    expect(sqlState(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))).toBeUndefined();
    expect(violatedConstraint(serverError('23505', 'ERROR', 'some_key'))).toBe('some_key');
    expect(violatedConstraint(new Error('link lost'))).toBeUndefined();
  });
});
