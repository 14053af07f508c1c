// The order in which the parts of the service come to life, and the reverse in which they stop:
// what writes stops before what it writes to. Modules add their parts; main starts and stops.
import type { Logger } from 'pino';

/** From the ground up. Stopped from the top down. */
const FLOORS = ['store', 'readers', 'managers', 'senders'] as const;

export type Floor = (typeof FLOORS)[number];

export interface LivingPart {
  readonly name: string;
  readonly floor: Floor;
  start?(): void | Promise<void>;
  stop?(): void | Promise<void>;
}

export class Lifespan {
  private readonly parts: LivingPart[] = [];
  private readonly started: LivingPart[] = [];

  constructor(private readonly log: Pick<Logger, 'debug' | 'error'>) {}

  add(part: LivingPart): void {
    this.parts.push(part);
  }

  /** Starts floor by floor; within a floor in the order added. @throws the first part's error. */
  async start(): Promise<void> {
    for (const floor of FLOORS) {
      for (const part of this.parts.filter((candidate) => candidate.floor === floor)) {
        this.started.push(part);
        await part.start?.();
        this.log.debug({ part: part.name }, 'started');
      }
    }
  }

  /** Stops what was started, last first. One part's failure does not keep the others running. */
  async stop(): Promise<void> {
    for (let part = this.started.pop(); part !== undefined; part = this.started.pop()) {
      try {
        await part.stop?.();
        this.log.debug({ part: part.name }, 'stopped');
      } catch (error) {
        this.log.error({ part: part.name, error: String(error) }, 'did not stop cleanly');
      }
    }
  }
}
