// What a broker of one node needs on disk, and how it is started: KRaft, loopback, little memory.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LOG4J = fileURLToPath(new URL('../broker/log4j2.properties', import.meta.url));

/** A broker has little to do here; without the options a JVM takes a quarter of the memory and all cores. */
const JVM = [
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  `-Dlog4j2.configurationFile=${LOG4J}`,
];
/** Of the cluster; 16 octets in base64, any will do. */
const CLUSTER_ID = 'c3VyZXJlYWNoLXRlc3RzIQ';

export interface BrokerFiles {
  readonly port: number;
  /** Arguments of `java`. */
  readonly args: readonly string[];
}

/** Writes the settings and formats the storage; what an earlier broker left in `folder` stays. */
export async function brokerFiles(
  classPath: string,
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<BrokerFiles> {
  await mkdir(folder, { recursive: true });
  const properties = join(folder, 'server.properties');
  const storage = join(folder, 'storage');
  const [port, controllerPort] = await freePorts();
  const all = { ...standard(storage, port, controllerPort), ...settings };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(properties, lines.join(''));
  const java = [...JVM, '-cp', classPath];
  if (!existsSync(join(storage, 'meta.properties'))) {
    await run('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties]);
  }
  return { port, args: [...java, 'kafka.Kafka', properties] };
}

/** A line of a broker that is ready. */
export function saysReady(line: string): boolean {
  return line.includes('Kafka Server started');
}

function standard(storage: string, port: number, controllerPort: number): Readonly<Record<string, string>> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${String(controllerPort)}`,
    listeners: `PLAINTEXT://127.0.0.1:${String(port)},CONTROLLER://127.0.0.1:${String(controllerPort)}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${String(port)}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': storage,
    'num.partitions': '4',
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
  };
}

/** Both open at once, so that they differ. */
async function freePorts(): Promise<readonly [number, number]> {
  const probes = [createServer(), createServer()];
  const ports = await Promise.all(
    probes.map(
      (probe) =>
        new Promise<number>((resolve) => {
          probe.listen(0, '127.0.0.1', () => {
            resolve((probe.address() as AddressInfo).port);
          });
        }),
    ),
  );
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  const [first = 0, second = 0] = ports;
  return [first, second];
}
