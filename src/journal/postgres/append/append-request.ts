// A finished frame as a query of the driver. The driver has no COPY of its own, but lets anything
// with these handlers stand in its queue; the octets go to its socket unchanged.
import type pg from 'pg';

/**
 * Resolves with the position of the batch's last event; rejects with the server's error. The
 * frame's octets are free for other use once it has settled.
 */
export function sendAppend(client: pg.Client, frame: Buffer): Promise<bigint> {
  return new Promise((resolve, reject) => {
    let head: bigint | undefined;
    let left = false;
    let failure: Error | undefined;
    const settleFailure = (): void => {
      // The server may refuse before it has read everything; the rest must leave unchanged.
      if (left && failure !== undefined) reject(failure);
    };
    const request = {
      submit(connection: pg.Connection): void {
        connection.stream.write(frame, () => {
          left = true;
          settleFailure();
        });
      },
      handleRowDescription: nothing,
      handleDataRow(row: { readonly fields: readonly (string | null)[] }): void {
        head = BigInt(row.fields[0] ?? -1);
      },
      handleCopyInResponse: nothing,
      handleCommandComplete: nothing,
      handleEmptyQuery: nothing,
      handlePortalSuspended: nothing,
      handleReadyForQuery(): void {
        if (head === undefined) reject(new Error('journal_head has no row: the migrations were not run'));
        else resolve(head);
      },
      handleError(error: Error): void {
        failure = error;
        settleFailure();
      },
    };
    client.query(request as unknown as pg.Submittable);
  });
}

function nothing(): void {
  // The frame is already on its way; only the row and the end matter.
}
