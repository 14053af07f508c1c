// Fetches the broker that broker/pom.xml pins into .data/kafka, before the first test of the feed.
// Never throws: the specs say what is missing.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed, jarsOf, missing, outcomeOf } from '../../support/fetched-once.mjs';

const pom = fileURLToPath(new URL('../broker/pom.xml', import.meta.url));
const data = fileURLToPath(new URL('../../../.data/kafka', import.meta.url));
/** Kafka 4 says of itself that its broker needs it. */
const JAVA = 17;

/** Jest's globalSetup of the project `kafka`; the workers inherit the variable. */
export default async function prepare() {
  process.env.PREPARED_BROKER = JSON.stringify(await prepareBroker());
}

export function prepareBroker() {
  return outcomeOf(async () => {
    const { stderr } = await installed('java', ['-version']);
    const version = Number(/version "(\d+)/.exec(stderr)?.[1]);
    if (!(version >= JAVA)) throw missing(`java is version ${version}; the broker needs ${JAVA} or later`);
    return { classPath: join(await jarsOf(data, pom), '*') };
  });
}
