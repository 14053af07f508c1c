// What must be remembered of a conversation to receive the next message of it: which contents came
// lately, and which messages still lack parts. A fold of its stream, changed in place: whoever could
// not append what was decided on it must throw it away and read the stream again.
import { isBefore } from './instant.js';
import type { InboundEvent, MessagePartReceived, MessageReceived, PartReference } from './inbound.events.js';

interface RecentContent {
  readonly inboundId: string;
  readonly repeatsUntil: string;
}

export interface ReceivedPart {
  readonly at: string;
  readonly data: MessagePartReceived;
}

/** A message that lacks parts. The first of them decides what all share. */
export interface OpenMessage {
  readonly first: ReceivedPart;
  readonly parts: ReadonlyMap<number, ReceivedPart>;
}

interface OpenDraft extends OpenMessage {
  readonly parts: Map<number, ReceivedPart>;
}

/** A gateway that writes 50 a second for ten minutes from one number; older ones then count as new. */
const MAX_RECENT = 30_000;

export class Conversation {
  private readonly recent = new Map<string, RecentContent>();
  private readonly open = new Map<string, OpenDraft>();
  private readonly repeats = new Map<string, number>();

  /** How much is remembered, for caches. */
  get size(): number {
    let parts = 0;
    for (const message of this.open.values()) parts += message.parts.size;
    return 1 + this.recent.size + parts;
  }

  /** The message of which this content is a repeat at that instant. */
  repeated(contentId: string | null, at: string): string | undefined {
    const known = contentId === null ? undefined : this.recent.get(contentId);
    return known !== undefined && isBefore(at, known.repeatsUntil) ? known.inboundId : undefined;
  }

  repeatsOf(inboundId: string): number {
    return this.repeats.get(inboundId) ?? 0;
  }

  openByReference(group: string, reference: PartReference, total: number): OpenMessage | undefined {
    return this.open.get(keyOf(group, reference, total));
  }

  openById(inboundId: string): OpenMessage | undefined {
    return this.openMessages().find(({ first }) => first.data.inboundId === inboundId);
  }

  /** Oldest first. */
  openMessages(): readonly OpenMessage[] {
    return [...this.open.values()];
  }

  apply(event: InboundEvent): void {
    switch (event.type) {
      case 'MessagePartReceived':
        this.partReceived(event);
        break;
      case 'MessageReceived':
        this.received(event.data);
        break;
      case 'MessageRepeated':
        this.repeats.set(event.data.inboundId, event.data.repeats);
        break;
      case 'PhoneAvailable':
        break;
    }
    this.forget(event.at);
  }

  private partReceived(part: ReceivedPart): void {
    const { group, reference, total, personal, inboundId, repeatsUntil } = part.data;
    this.remember(personal.contentId, { inboundId, repeatsUntil });
    const key = keyOf(group, reference, total);
    const open = this.open.get(key) ?? { first: part, parts: new Map<number, ReceivedPart>() };
    open.parts.set(part.data.part, part);
    this.open.set(key, open);
  }

  private received({ inboundId, personal, repeatsUntil }: MessageReceived): void {
    this.remember(personal.contentId, { inboundId, repeatsUntil });
    const open = this.openById(inboundId)?.first.data;
    if (open !== undefined) this.open.delete(keyOf(open.group, open.reference, open.total));
  }

  private remember(contentId: string | null, content: RecentContent): void {
    if (contentId === null) return;
    this.recent.delete(contentId); // so that it stands last
    this.recent.set(contentId, content);
  }

  /** Oldest first; one that lasts longer keeps those behind it a little longer. */
  private forget(at: string): void {
    for (const [contentId, { inboundId, repeatsUntil }] of this.recent) {
      if (isBefore(at, repeatsUntil) && this.recent.size <= MAX_RECENT) break;
      this.recent.delete(contentId);
      if (this.openById(inboundId) === undefined) this.repeats.delete(inboundId);
    }
  }
}

function keyOf(group: string, { kind, number }: PartReference, total: number): string {
  return `${group}\n${kind}\n${String(number)}\n${String(total)}`;
}
