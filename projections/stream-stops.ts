// For read models that keep nothing in memory: an event that cannot be read stops its own stream
// there, and no other. What is behind it stays out until a build that knows it rebuilds the rows.
import type { RecordedEvent } from '../src/journal/journal.js';
import type { StoppedStream } from '../src/subscription/subscription.js';

export class StreamStops {
  private stopped = new Set<string>();

  reset(stopped: ReadonlySet<string>): void {
    this.stopped = new Set(stopped);
  }

  /** Calls `take` for each event whose stream goes on; one that it throws at is the stream's last. */
  through(events: readonly RecordedEvent[], take: (event: RecordedEvent) => void): readonly StoppedStream[] {
    const newlyStopped: StoppedStream[] = [];
    for (const event of events) {
      if (this.stopped.size > 0 && this.stopped.has(event.stream)) continue;
      try {
        take(event);
      } catch (error) {
        this.stopped.add(event.stream);
        newlyStopped.push({ stream: event.stream, position: event.position, error: String(error) });
      }
    }
    return newlyStopped;
  }
}
