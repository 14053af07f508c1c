// The durable record of an upload: that it began, and how it ended (stream `batch-<name>`). The
// first event also takes the name: of two uploads of one name, one is told so.
import { type Clock, type Randomness } from '../clock/clock.js';
import { newUuid, uuidOf } from '../clock/ids.js';
import { type Journal, type NewEvent, NO_STREAM } from '../journal/journal.js';
import { type BatchUploadEnded, type BatchUploadStarted, batchStream } from '../message/batch.events.js';

export class BatchUploads {
  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {}

  /**
   * Records that the upload began. Returns how to record its end, or undefined when the name is taken.
   * @throws JournalError when the store does not answer; nothing has begun.
   */
  async begin(
    started: BatchUploadStarted,
  ): Promise<((ended: BatchUploadEnded) => Promise<void>) | undefined> {
    const stream = batchStream(started.batch);
    const uploadId = newUuid(this.clock, this.randomness);
    const first = this.event(uploadId, 'BatchUploadStarted', started, stream);
    const [outcome] = await this.journal.append([{ stream, expectedRevision: NO_STREAM, events: [first] }]);
    if (outcome?.status !== 'appended') return undefined;
    return async (ended) => {
      const last = this.event(uploadId, 'BatchUploadEnded', ended, stream);
      await this.journal.append([{ stream, expectedRevision: 0n, events: [last] }]);
    };
  }

  private event(uploadId: string, type: string, data: object, correlationId: string): NewEvent {
    const at = this.clock.isoNow();
    const metadata = { correlationId, causationId: uploadId, tenantId: 'default', at, schemaVersion: 1 };
    return { id: uuidOf(`${uploadId}/${type}`), type, data, metadata };
  }
}
