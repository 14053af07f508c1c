// What is fuzzed, in the order it is reported.
import { connectorTarget } from './targets/connector.js';
import { framerTarget } from './targets/framer.js';
import { deliverTarget, packageTarget, responseTarget } from './targets/readers.js';
import { simulatorTarget } from './targets/simulator.js';
import { shortWriterTarget, submitWriterTarget } from './targets/writers.js';
import type { FuzzTarget } from './target.js';

export const TARGETS: readonly FuzzTarget[] = [
  framerTarget,
  deliverTarget,
  responseTarget,
  packageTarget,
  submitWriterTarget,
  shortWriterTarget,
  connectorTarget,
  simulatorTarget,
];
