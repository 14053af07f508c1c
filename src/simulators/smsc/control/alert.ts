// Validates an alert_notification as a test asks for it: a phone can be reached again.
import { z } from 'zod';
import { parseWith } from '../outcome/settings.js';
import type { AlertNotification } from '../wire/pdu-writer.js';

const address = z
  .string()
  .max(64)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII');

const alertSchema = z.strictObject({
  /** Whose sessions hear it. Absent: the first account. */
  systemId: z.string().optional(),
  /** The phone. */
  source: address,
  /** The address that once could not reach it. */
  destination: address,
  /** ms_availability_status, SMPP 3.4 §5.3.2.30; absent: the TLV is left out. */
  status: z.int().min(0).max(255).optional(),
});

export type AlertInput = z.input<typeof alertSchema>;

/** @throws OptionInvalidError */
export function readAlert(input: unknown): { systemId: string | undefined; alert: AlertNotification } {
  return parseWith(alertSchema, input, ({ systemId, ...alert }) => ({ systemId, alert }));
}
