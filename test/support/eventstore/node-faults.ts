// What can be wrong with a node, switched by a test.
import grpc from '@grpc/grpc-js';

/**
 * What becomes of an append: refused before it is written; written, and the reply lost; never
 * answered, written or not.
 */
export type AppendFault = 'lost-before' | 'lost-after' | 'silent-before' | 'silent-after';

export class NodeFaults {
  /** The other node to which calls that need the leader are sent. */
  leaderIs: { readonly host: string; readonly port: number } | undefined;
  /** Every call is refused. */
  unavailable = false;
  /** Reads and subscriptions get no answer. */
  silentReads = false;
  /** Every append is held so long before it is written. */
  slowMs = 0;
  private readonly nextAppends: AppendFault[] = [];

  /** The next appends meet these, one each, in this order. */
  next(...faults: AppendFault[]): void {
    this.nextAppends.push(...faults);
  }

  takeAppendFault(): AppendFault | undefined {
    return this.nextAppends.shift();
  }

  /** Why the call is refused at once, if it is. */
  refusal(metadata: grpc.Metadata): Partial<grpc.StatusObject> | undefined {
    if (this.unavailable) return LOST;
    if (this.leaderIs === undefined || metadata.get('requires-leader')[0] !== 'true') return undefined;
    const trailer = new grpc.Metadata();
    trailer.set('exception', 'not-leader');
    trailer.set('leader-endpoint-host', this.leaderIs.host);
    trailer.set('leader-endpoint-port', String(this.leaderIs.port));
    return { code: grpc.status.NOT_FOUND, details: 'Leader info available', metadata: trailer };
  }
}

export const LOST: Partial<grpc.StatusObject> = {
  code: grpc.status.UNAVAILABLE,
  details: 'the node is going down',
};
