// The EventStoreDB of a test: the one at EVENTSTORE_URL, or a node of our own in this process.
// Says which, because a node of our own shows what we believe of the real one, not the real one.
import { SystemRandomness } from '../../../src/clock/system-clock.js';
import { EventStoreNode, type NodeOptions } from './eventstore-node.js';

export interface TestEventStore {
  readonly url: string;
  /** Of this test alone, as a server that is there for longer holds the streams of others. */
  readonly prefix: string;
  stop(): void;
}

/** The real server that the run was given, if any. */
export function givenEventStore(): string | undefined {
  const given = process.env['EVENTSTORE_URL'];
  return given === '' ? undefined : given;
}

let told = false;

export async function openTestEventStore(options: NodeOptions = {}): Promise<TestEventStore> {
  const given = givenEventStore();
  if (!told) {
    const which =
      given === undefined
        ? 'a test node in this process (EVENTSTORE_URL is not set)'
        : 'the server at EVENTSTORE_URL';
    process.stdout.write(`EventStoreDB of this file: ${which}\n`);
    told = true;
  }
  const prefix = `test${Buffer.from(new SystemRandomness().bytes(8)).toString('hex')}.`;
  if (given !== undefined) return { url: given, prefix, stop: () => undefined };
  const node = await EventStoreNode.start(options);
  return {
    url: node.url,
    prefix,
    stop: () => {
      node.stop();
    },
  };
}
