// An EventStoreDB node on the wire, for tests: the service definitions that the client package
// ships, served over a log in memory, with faults to switch on. No cluster, no disk, no users.
import grpc from '@grpc/grpc-js';
import gossipServices from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import featureServices from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamServices from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { SystemClock } from '../../../src/clock/system-clock.js';
import { batchAppend, unaryAppend } from './append-calls.js';
import { NodeFaults } from './node-faults.js';
import { read } from './read-calls.js';
import { type LogOptions, StoredLog } from './stored-log.js';
import { nameOf } from './wire-values.js';

export interface NodeOptions extends LogOptions {
  /** False: a server before BatchAppend. */
  readonly batchAppend?: boolean;
  /** Of another node, to be a second node of one cluster. */
  readonly log?: StoredLog;
  /** Absent: without TLS. */
  readonly tls?: grpc.ServerCredentials;
}

// The largest frame of the client is 3 MiB, the largest event 16 MiB.
const MAX_RECEIVED_OCTETS = 17 * 1024 * 1024;

export class EventStoreNode {
  readonly faults = new NodeFaults();
  readonly counts = { unary: 0, batch: 0 };
  /** Appends that were under way at the same moment, at most. */
  mostAtOnce = 0;
  /** What each append and each read carried. */
  readonly headers: grpc.Metadata[] = [];
  readonly log: StoredLog;
  private readonly clock = new SystemClock();
  private server: grpc.Server;
  private boundPort = 0;
  private atOnce = 0;

  private constructor(private readonly options: NodeOptions) {
    this.log = options.log ?? new StoredLog(options);
    this.server = this.serving();
  }

  static async start(options: NodeOptions = {}): Promise<EventStoreNode> {
    const node = new EventStoreNode(options);
    await node.bind();
    return node;
  }

  get port(): number {
    return this.boundPort;
  }

  get url(): string {
    return `esdb://127.0.0.1:${String(this.boundPort)}?tls=${String(this.options.tls !== undefined)}`;
  }

  /** Cuts every connection; nobody listens any more. */
  stop(): void {
    this.server.forceShutdown();
  }

  /** Listens again at the same port, with the same log. */
  async startAgain(): Promise<void> {
    this.server = this.serving();
    await this.bind();
  }

  private async bind(): Promise<void> {
    const address = `127.0.0.1:${String(this.boundPort)}`;
    const credentials = this.options.tls ?? grpc.ServerCredentials.createInsecure();
    this.boundPort = await new Promise<number>((resolve, reject) => {
      this.server.bindAsync(address, credentials, (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  }

  private serving(): grpc.Server {
    const server = new grpc.Server({ 'grpc.max_receive_message_length': MAX_RECEIVED_OCTETS });
    server.addService(streamServices.StreamsService, {
      read: (call: grpc.ServerWritableStream<streams.ReadReq, streams.ReadResp>) => {
        this.headers.push(call.metadata);
        read(this, call);
      },
      append: (
        call: grpc.ServerReadableStream<streams.AppendReq, streams.AppendResp>,
        answer: grpc.sendUnaryData<streams.AppendResp>,
      ) => {
        this.headers.push(call.metadata);
        this.atOnce += 1;
        this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
        unaryAppend(this.appendNode(), call, (...result) => {
          this.atOnce -= 1;
          answer(...result);
        });
      },
      batchAppend: (call: grpc.ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>) => {
        batchAppend(this.appendNode(), call);
      },
      delete: (
        { request }: grpc.ServerUnaryCall<streams.DeleteReq, streams.DeleteResp>,
        answer: grpc.sendUnaryData<streams.DeleteResp>,
      ) => {
        this.log.delete(nameOf(request.getOptions()?.getStreamIdentifier()));
        answer(null, new streams.DeleteResp().setNoPosition(new shared.Empty()));
      },
      tombstone: (
        { request }: grpc.ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>,
        answer: grpc.sendUnaryData<streams.TombstoneResp>,
      ) => {
        this.log.tombstone(nameOf(request.getOptions()?.getStreamIdentifier()));
        answer(null, new streams.TombstoneResp().setNoPosition(new shared.Empty()));
      },
    });
    server.addService(featureServices.ServerFeaturesService, {
      getSupportedMethods: (_: unknown, answer: grpc.sendUnaryData<features.SupportedMethods>) => {
        answer(null, this.supported());
      },
    });
    server.addService(gossipServices.GossipService, {
      read: (_: unknown, answer: grpc.sendUnaryData<gossip.ClusterInfo>) => {
        answer(null, this.cluster());
      },
    });
    return server;
  }

  private appendNode(): Parameters<typeof batchAppend>[0] {
    return { log: this.log, faults: this.faults, clock: this.clock, counts: this.counts };
  }

  private supported(): features.SupportedMethods {
    const names = this.options.batchAppend === false ? ['append'] : ['append', 'batchappend'];
    const methods = names.map((name) =>
      new features.SupportedMethod()
        .setMethodName(name)
        .setServiceName('event_store.client.streams.streams')
        .setFeaturesList([]),
    );
    return new features.SupportedMethods().setMethodsList(methods).setEventStoreServerVersion('23.10.6');
  }

  /** One node, the leader; or, when it is not the leader, the one that is. */
  private cluster(): gossip.ClusterInfo {
    const { host, port } = this.faults.leaderIs ?? { host: '127.0.0.1', port: this.boundPort };
    const leader = new gossip.MemberInfo()
      .setInstanceId(new shared.UUID().setString('00000000-0000-4000-8000-000000000001'))
      .setTimeStamp('0')
      .setState(gossip.MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port));
    return new gossip.ClusterInfo().setMembersList([leader]);
  }
}
