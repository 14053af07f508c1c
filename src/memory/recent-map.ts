// The newest entries of a map, for caches of the hot path: half the time of a linked list of uses.
//
// Two generations: entries go into the young one; when it is full it becomes the old one, and the old
// one before it is forgotten. So between `atLeast` and twice as many of the newest are held, and an entry
// that is set again now and then stays.
export class RecentMap<Key, Value> {
  private young = new Map<Key, Value>();
  private old = new Map<Key, Value>();

  constructor(private readonly atLeast: number) {}

  get(key: Key): Value | undefined {
    return this.young.get(key) ?? this.old.get(key);
  }

  has(key: Key): boolean {
    return this.young.has(key) || this.old.has(key);
  }

  set(key: Key, value: Value): void {
    this.young.set(key, value);
    if (this.young.size < this.atLeast) return;
    this.old = this.young;
    this.young = new Map();
  }

  delete(key: Key): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }
}
