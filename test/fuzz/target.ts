// One thing that is fuzzed: a property that must hold for every input, and its share of a run.
import type fc from 'fast-check';

export interface FuzzTarget {
  readonly name: string;
  /** What one input is. */
  readonly input: string;
  /** Of all inputs of a run; the shares add up to 1. */
  readonly share: number;
  /** A fresh property; it throws when an invariant is broken. */
  property(): fc.IAsyncProperty<readonly unknown[]> | fc.IProperty<readonly unknown[]>;
}

/** An invariant that did not hold. */
export class BrokenInvariant extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/**
 * Invariants looked at inside a call of the code under test, which survives whatever a listener
 * throws: kept, and thrown when the code has returned.
 */
export class Findings {
  private first: BrokenInvariant | null = null;

  unless(holds: boolean, message: () => string): void {
    if (!holds) this.first ??= new BrokenInvariant(message());
  }

  throwFirst(): void {
    if (this.first !== null) throw this.first;
  }
}

export function must(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new BrokenInvariant(message());
}
