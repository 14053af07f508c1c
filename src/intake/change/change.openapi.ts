// What may be changed of an accepted message, for the checks and for the OpenAPI document.
import { z } from 'zod';

/** The longest a person reads in a list of messages. */
const LONGEST_REASON = 200;

/** As a request for a message has it: parts and alphabets are judged separately. */
const LONGEST_TEXT = 40_000;

export const CancelRequest = z
  .strictObject({
    reason: z
      .string()
      .min(1)
      .max(LONGEST_REASON)
      .optional()
      .meta({ description: 'Why; it stands in the history of the message.' }),
  })
  .meta({ title: 'CancelRequest', examples: [{ reason: 'the appointment was moved' }] });

export const ReplaceRequest = z
  .strictObject({ text: z.string().min(1).max(LONGEST_TEXT) })
  .meta({ title: 'ReplaceRequest', examples: [{ text: 'Your appointment is on Friday at 9:30.' }] });

export const ChangeAnswer = z
  .object({
    id: z.uuid(),
    state: z
      .enum(['done', 'requested'])
      .meta({ description: 'requested: the SMSC is asked; GET the message to see what it says.' }),
    status: z.string().meta({ description: 'How the SMS stands now.' }),
    outcome: z.string(),
  })
  .meta({
    title: 'MessageChange',
    examples: [
      {
        id: '01999c0a-7b1c-7d4e-9f00-8a6c5b4d3e2f',
        state: 'requested',
        status: 'submitted',
        outcome: 'pending',
      },
    ],
  });
