// The suspects in flight: messages that were on their way when their link was lost. Only one may be
// there at a time per connector, so that an innocent one is cleared by its own success and the guilty
// one is alone among suspects when the link goes again.
//
// | event                                   | next                                    |
// |-----------------------------------------|-----------------------------------------|
// | a suspect is claimed from its lane      | busy                                    |
// | the claim led to no attempt             | free                                    |
// | its attempt is durable                  | busy, until every part of it has ended  |
import type { Submission } from './submission.js';

export class SuspectsInFlight {
  /** Message and attempt → its parts without an end. */
  private readonly underWay = new Map<string, number>();
  private claims = 0;

  get isFree(): boolean {
    return this.claims === 0 && this.underWay.size === 0;
  }

  claim(): void {
    this.claims++;
  }

  /** The claim is decided: what it led to was told by `attempted` before. */
  claimed(): void {
    this.claims--;
  }

  attempted(messageId: string, attempt: number, parts: number): void {
    this.underWay.set(keyOf(messageId, attempt), parts);
  }

  ended({ messageId, attempt }: Submission): void {
    const key = keyOf(messageId, attempt);
    const left = this.underWay.get(key);
    if (left === undefined) return;
    if (left > 1) this.underWay.set(key, left - 1);
    else this.underWay.delete(key);
  }
}

function keyOf(messageId: string, attempt: number): string {
  return `${messageId}/${String(attempt)}`;
}
