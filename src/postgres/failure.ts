// What an error tells about the statement it ended. A lost link after the statement left is
// never "nothing happened": the commit may stand (an fsync failure showed exactly that).
import pg from 'pg';

/**
 * refused: rolled back, and the same statement will fail again ·
 * unavailable: nothing was written, the same statement may succeed later ·
 * unknown: it may or may not have been committed.
 */
export type Verdict = 'refused' | 'unavailable' | 'unknown';

// PostgreSQL 18, appendix A (error codes). The longest matching prefix wins. The 57P0x, 25P0x
// and XX/58 codes end the session, possibly after the commit and before its answer.
const VERDICTS: Readonly<Record<string, Verdict>> = {
  '08': 'unknown', // connection exception
  '22': 'refused', // data exception
  '23': 'refused', // integrity constraint violation
  '25': 'refused', // invalid transaction state
  '25006': 'unavailable', // read-only: a standby before its promotion
  '25P03': 'unknown', // idle in transaction timeout, ends the session
  '25P04': 'unknown', // transaction timeout, ends the session
  '28': 'unavailable', // authorisation, only while connecting
  '3D000': 'unavailable', // the database does not exist (yet)
  '40': 'unavailable', // rolled back by the server: serialisation, deadlock
  '40003': 'unknown', // statement completion unknown
  '42': 'refused', // syntax, missing table, missing right
  '53': 'unavailable', // disk full, out of memory, too many connections
  '54': 'refused', // program limit exceeded
  '55': 'unavailable', // lock not available, object in use
  '57014': 'unavailable', // cancelled, statement timeout
  '57P': 'unknown', // shutdown, crash, database dropped, idle session timeout
  '57P03': 'unavailable', // starting up or shutting down: no session was opened
  '58': 'unknown', // system error: on fsync the server panics
  P0: 'refused', // raised by our own functions
  XX: 'unknown', // internal error
};

/** SQLSTATE of a server's answer; undefined when the error did not come from the server. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** Name of the constraint that was violated, when that is what happened. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined;
}

/**
 * @param sent whether any octet of the statement may have reached the server; before that a lost
 *   link means that nothing was written
 */
export function verdictOn(error: unknown, sent: boolean): Verdict {
  const verdict = tableVerdict(error);
  return verdict === 'unknown' && !sent ? 'unavailable' : verdict;
}

function tableVerdict(error: unknown): Verdict {
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) return 'unknown';
  for (let length = error.code.length; length >= 2; length -= 1) {
    const verdict = VERDICTS[error.code.slice(0, length)];
    if (verdict !== undefined) return verdict;
  }
  // FATAL and PANIC end the session at any moment; anything else is an ERROR, rolled back.
  return error.severity === 'ERROR' ? 'refused' : 'unknown';
}
