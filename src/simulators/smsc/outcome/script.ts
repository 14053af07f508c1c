// Scripts: what shall happen to submits for one destination or prefix, laid over the settings.
// The longest prefix wins; several scripts for one prefix are used up one after the other.
import { z } from 'zod';
import { disconnectMode, parseWith } from './settings.js';
import { RECEIPT_STATS } from './receipt-state.js';

const milliseconds = z.number().min(0).max(3_600_000);

const scriptSchema = z.strictObject({
  /** Digits a destination begins with, as on the wire; empty: every destination. */
  destination: z.string().regex(/^\d{0,20}$/, 'must be up to 20 digits without "+"'),
  /** How many submits the script serves before it is gone. Absent: without end. */
  times: z.int().min(1).optional(),
  /** command_status of the submit_sm_resp. Anything but 0: not accepted, no receipts. */
  status: z.int().min(0).max(0xffffffff).default(0),
  /** False: no submit_sm_resp is sent. */
  answer: z.boolean().default(true),
  responseDelayMs: milliseconds.optional(),
  receiptsBeforeResponse: z.boolean().optional(),
  /** Instead of the receipts the settings would give; an empty list: none. */
  receipts: z
    .array(
      z.strictObject({
        stat: z.enum(RECEIPT_STATS),
        /** From the submit_sm. Absent: the setting receiptDelayMs. */
        delayMs: milliseconds.optional(),
        copies: z.int().min(1).max(1000).default(1),
        /** Another id than the one in the submit_sm_resp, e.g. one nobody knows. */
        messageId: z.string().min(1).max(64).optional(),
        err: z.string().max(8).optional(),
      }),
    )
    .optional(),
  /** Breaks the link: behind the answer, or instead of it when `answer` is false. */
  disconnect: disconnectMode.optional(),
});

export type Script = z.infer<typeof scriptSchema>;
/** As given: what has a default may be left out. */
export type ScriptInput = z.input<typeof scriptSchema>;

export class ScriptBook {
  private pages: { readonly script: Script; left: number }[] = [];

  /** @throws OptionInvalidError */
  add(input: unknown): Script {
    const script = parseWith(scriptSchema, input, (valid) => valid);
    this.pages.push({ script, left: script.times ?? Infinity });
    // Stable: scripts of one prefix keep the order in which they came.
    this.pages.sort((a, b) => b.script.destination.length - a.script.destination.length);
    return script;
  }

  /** The script for one submit, which is used up by it. */
  take(destination: string): Script | undefined {
    if (this.pages.length === 0) return undefined;
    const page = this.pages.find(({ script }) => destination.startsWith(script.destination));
    if (page === undefined) return undefined;
    page.left -= 1;
    if (page.left === 0) this.pages = this.pages.filter((other) => other !== page);
    return page.script;
  }

  list(): readonly (Script & { readonly left: number | null })[] {
    return this.pages.map(({ script, left }) => ({ ...script, left: left === Infinity ? null : left }));
  }

  clear(): void {
    this.pages = [];
  }
}
