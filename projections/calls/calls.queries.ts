// Whose call is it? Reads only.
import type { Pool } from 'pg';

export interface CallOwner {
  readonly messageId: string;
  /** 1 for the first call. */
  readonly attempt: number;
}

export class CallsQueries {
  constructor(private readonly pool: Pool) {}

  async find(sessionId: string): Promise<CallOwner | undefined> {
    const { rows } = await this.pool.query<CallOwner>({
      name: 'calls-find',
      text: 'select message_id as "messageId", attempt from calls.sessions where session_id = $1',
      values: [sessionId],
    });
    return rows[0];
  }
}
