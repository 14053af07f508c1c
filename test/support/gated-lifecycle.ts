// A lifecycle that can be held and made to fail, around a real one: for tests of those who call it.
import type { Handled } from '../../src/lifecycle/message-lifecycle.js';
import { MessageLifecycle } from '../../src/lifecycle/message-lifecycle.js';
import type { MessageCommand } from '../../src/message/message.commands.js';
import type { KnownMessage } from '../../src/message/message.js';

interface Gate {
  readonly arrive: () => void;
  readonly opened: Promise<void>;
}

export class GatedLifecycle extends MessageLifecycle {
  /** Calls that have come in and not yet been answered, and the most there were at a time. */
  underWay = 0;
  mostUnderWay = 0;
  /** How many commands each call brought. */
  readonly sizes: number[] = [];
  private readonly failures: { error: Error; isAfterWriting: boolean }[] = [];
  private readonly waiters: { readonly calls: number; readonly resolve: () => void }[] = [];
  private gate: Gate | null = null;

  constructor(private readonly inner: MessageLifecycle) {
    super();
  }

  /** Calls wait from now on, until `release`; `reached` resolves when the first one waits. */
  hold(): { readonly reached: Promise<void>; readonly release: () => void } {
    const { promise: reached, resolve: arrive } = deferred();
    const { promise: opened, resolve: release } = deferred();
    this.gate = { arrive, opened };
    return { reached, release };
  }

  /** Resolves when `calls` calls are under way at the same time. */
  reach(calls: number): Promise<void> {
    if (this.underWay >= calls) return Promise.resolve();
    const { promise, resolve } = deferred();
    this.waiters.push({ calls, resolve });
    return promise;
  }

  /** The next calls fail with `error`, one call each; `isAfterWriting`: what they brought is durable all the same. */
  fail(times: number, error: Error, isAfterWriting = false): void {
    for (let i = 0; i < times; i++) this.failures.push({ error, isAfterWriting });
  }

  override async handleMany(commands: readonly MessageCommand[]): Promise<readonly Handled[]> {
    this.sizes.push(commands.length);
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    for (const { calls, resolve } of this.waiters) if (this.underWay >= calls) resolve();
    try {
      this.gate?.arrive();
      await this.gate?.opened;
      const failure = this.failures.shift();
      if (failure === undefined) return await this.inner.handleMany(commands);
      if (failure.isAfterWriting) await this.inner.handleMany(commands);
      throw failure.error;
    } finally {
      this.underWay -= 1;
    }
  }

  override load(messageIds: readonly string[]): Promise<ReadonlyMap<string, KnownMessage>> {
    return this.inner.load(messageIds);
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
