// Bulk work in which one message that can never be handled must not stop the others.

/** Whether the same call may succeed later; every error class of the service says so itself. */
export function isRetryable(error: unknown): error is Error {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}

/**
 * Runs `run` over all items at once; when that fails for good, over each alone, telling `spoilt`
 * of those that fail for good by themselves.
 * @throws what `run` threw when that is retryable: try everything again later.
 */
export async function togetherOrAlone<Item>(
  items: readonly Item[],
  run: (items: readonly Item[]) => Promise<void>,
  spoilt: (item: Item, error: unknown) => void,
): Promise<void> {
  try {
    await run(items);
  } catch (error) {
    if (isRetryable(error)) throw error;
    const [only] = items;
    if (items.length === 1 && only !== undefined) {
      spoilt(only, error);
      return;
    }
    for (const item of items) await togetherOrAlone([item], run, spoilt);
  }
}
