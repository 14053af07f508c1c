// How a message is cut into parts, fixed by an attempt: which form, which encoding, how many. As long
// as no part can be at an SMSC every attempt cuts anew, as its connector wants it; from then on a part
// that is sent later must fit the others, whatever connector carries it.
import type { AttemptSubmit } from './message.commands.js';

import type { Encoding, LongForm } from './message-format.js';
import type { KnownMessage, SubmitShape } from './message.state.js';
import { anyMayBeAtSmsc } from './parts.js';
import { countParts, encodingFor, formFor } from './short-message.js';
import type { SubmitAttempted } from './submission.events.js';

interface Cut {
  readonly form: LongForm;
  readonly encoding: Encoding;
  readonly total: number;
}

/** How the next attempt cuts the message. */
export function cutFor(command: AttemptSubmit, state: KnownMessage): Cut {
  const { shape, parts } = state;
  if (shape !== null && anyMayBeAtSmsc(parts)) {
    return { form: shape.form, encoding: shape.encoding, total: parts.length };
  }
  const { longForm, alphabet = 'gsm' } = command;
  const encoding = encodingFor(state, alphabet);
  if (encoding === state.encoding) {
    // One part is one part in every form, and of udh8 the acceptance has counted the parts.
    if (state.partCount === 1) return { form: 'udh8', encoding, total: 1 };
    if (longForm === 'udh8') return { form: longForm, encoding, total: state.partCount };
  }
  const content = encoding === state.encoding ? state : { ...state, encoding };
  return { form: formFor(content, longForm), encoding, total: countParts(content, longForm) };
}

/** The shape after an attempt. */
export function shapeAfter(state: KnownMessage, data: SubmitAttempted): SubmitShape {
  const { shape } = state;
  const { form, total, attempt, encoding = state.encoding } = data;
  const isSame = shape?.form === form && shape.encoding === encoding && state.parts.length === total;
  return isSame ? shape : { form, encoding, sinceAttempt: attempt };
}
