// What follows from something a phone sent, given what its conversation remembers. Pure.
//
// | came                        | and                                       | events                                |
// |-----------------------------|-------------------------------------------|---------------------------------------|
// | any content                 | the same content came lately              | MessageRepeated                       |
// | a whole message             |                                           | MessageReceived                       |
// | a part                      | others are still missing                  | MessagePartReceived                   |
// | a part                      | it was the last one missing               | MessagePartReceived, MessageReceived  |
// | a part                      | another content has its place already:    | MessageReceived of the old message,   |
// |                             | the phone used the reference again        | then as above, for a new message      |
// | a part                      | too many messages lack parts              | the oldest is given up, then as above |
// | the time for parts is over  | the message still lacks some              | MessageReceived with missingParts     |
//
// The rule for repeats is by content, because SMPP numbers nothing that comes from a phone: same
// SMSC, same addresses, same octets and the same fields beside them, or the same receipted_message_id
// where the SMSC gives one. Its risk: a person who sends "1" twice on purpose within the time for
// repeats is heard once. The second is not lost, it is counted (MessageRepeated), and the time is a
// setting; 0 turns the rule off, and then a repeat after a lost deliver_sm_resp counts as new. Parts
// of several carry a reference, so for them the rule always holds.
import type { Conversation, OpenMessage } from './conversation.js';
import { textOf } from './inbound-text.js';
import type {
  InboundAlphabet,
  InboundEvent,
  InboundEvidence,
  InboundKind,
  MessagePartReceived,
  MessageReceived,
  PartReference,
  Ussd,
} from './inbound.events.js';
import { plusSeconds } from './instant.js';

export interface ReceiveMessage {
  readonly type: 'ReceiveMessage';
  readonly at: string;
  /** Of the message that begins with this, should one begin. */
  readonly inboundId: string;
  readonly connector: string;
  readonly group: string;
  readonly to: string;
  readonly from: string;
  readonly sourceAddr: string;
  readonly kind: InboundKind;
  readonly alphabet: InboundAlphabet;
  readonly ussd: Ussd | null;
  readonly evidence: InboundEvidence;
  readonly contentId: string | null;
  readonly octetsHex: string;
  /** Null: it is whole. */
  readonly partOf: {
    readonly reference: PartReference;
    readonly part: number;
    readonly total: number;
  } | null;
  /** How long the other parts of a message are waited for. */
  readonly partsTimeoutSeconds: number;
  /** How long the same content counts as a repeat; 0: never. */
  readonly repeatSeconds: number;
}

/** The time for the parts of this message is over. */
export interface GiveUpParts {
  readonly type: 'GiveUpParts';
  readonly at: string;
  readonly inboundId: string;
}

export interface NoteAvailability {
  readonly type: 'NoteAvailability';
  readonly at: string;
  readonly connector: string;
  readonly to: string;
  readonly from: string;
  readonly availabilityStatus: number | null;
}

export type InboundCommand = ReceiveMessage | GiveUpParts | NoteAvailability;

/**
 * Messages of one conversation that may lack parts at once. A guess: a phone sends one message after
 * another; who sends more first parts than that wants our memory, not our attention.
 */
const MAX_OPEN = 32;

/** SMPP 3.4 §5.3.2.30. */
const AVAILABILITY = ['available', 'denied', 'unavailable'] as const;

/** @param inReplyTo the last message our address sent to theirs; null when there is none */
export function decideInbound(
  conversation: Conversation,
  command: InboundCommand,
  inReplyTo: string | null,
): readonly InboundEvent[] {
  switch (command.type) {
    case 'ReceiveMessage':
      return receive(conversation, command, inReplyTo);
    case 'GiveUpParts': {
      const open = conversation.openById(command.inboundId);
      return open === undefined ? [] : [ended(conversation, open, command.at, inReplyTo)];
    }
    case 'NoteAvailability': {
      const { at, connector, to, from, availabilityStatus } = command;
      const availability = availabilityStatus === null ? null : (AVAILABILITY[availabilityStatus] ?? null);
      const data = { connector, to, availability, availabilityStatus, personal: { from } };
      return [{ type: 'PhoneAvailable', at, data }];
    }
  }
}

function receive(
  conversation: Conversation,
  command: ReceiveMessage,
  inReplyTo: string | null,
): readonly InboundEvent[] {
  const { at, connector, contentId } = command;
  const inboundId = conversation.repeated(contentId, at);
  if (inboundId === undefined || contentId === null) {
    return command.partOf === null
      ? [{ type: 'MessageReceived', at, data: whole(command, inReplyTo) }]
      : receivePart(conversation, command, command.partOf, inReplyTo);
  }
  const repeats = conversation.repeatsOf(inboundId) + 1;
  return [{ type: 'MessageRepeated', at, data: { inboundId, connector, repeats, personal: { contentId } } }];
}

function whole(command: ReceiveMessage, inReplyTo: string | null): MessageReceived {
  const { inboundId, connector, to, kind, alphabet, ussd, evidence, at } = command;
  const { from, sourceAddr, contentId, octetsHex } = command;
  const body = Buffer.from(octetsHex, 'hex').subarray(evidence.headerOctets);
  return {
    inboundId,
    connector,
    to,
    parts: 1,
    missingParts: [],
    firstPartAt: at,
    repeatsUntil: plusSeconds(at, command.repeatSeconds),
    repeats: 0,
    inReplyTo,
    kind,
    alphabet,
    ussd,
    evidence,
    personal: { from, sourceAddr, contentId, text: textOf(body, alphabet), octetsHex: [octetsHex] },
  };
}

function receivePart(
  conversation: Conversation,
  command: ReceiveMessage,
  { reference, part, total }: NonNullable<ReceiveMessage['partOf']>,
  inReplyTo: string | null,
): readonly InboundEvent[] {
  const events: InboundEvent[] = [];
  const { at, group } = command;
  let open = conversation.openByReference(group, reference, total);
  if (open?.parts.has(part) === true) {
    // Not a repeat, or it would not have come here: the phone began its references anew.
    events.push(ended(conversation, open, at, inReplyTo));
    open = undefined;
  }
  const all = conversation.openMessages();
  const [oldest] = all;
  if (open === undefined && events.length === 0 && all.length >= MAX_OPEN && oldest !== undefined)
    events.push(ended(conversation, oldest, at, inReplyTo));
  const data = partData(command, { reference, part, total }, open);
  events.push({ type: 'MessagePartReceived', at, data });
  const received = { at, data };
  const parts = new Map(open?.parts).set(part, received);
  if (parts.size === total)
    events.push(ended(conversation, { first: open?.first ?? received, parts }, at, inReplyTo));
  return events;
}

function partData(
  command: ReceiveMessage,
  place: NonNullable<ReceiveMessage['partOf']>,
  open: OpenMessage | undefined,
): MessagePartReceived {
  const { at, connector, group, to, kind, alphabet, ussd, evidence } = command;
  const { from, sourceAddr, contentId, octetsHex } = command;
  return {
    inboundId: open?.first.data.inboundId ?? command.inboundId,
    connector,
    group,
    to,
    ...place,
    giveUpAt: open?.first.data.giveUpAt ?? plusSeconds(at, command.partsTimeoutSeconds),
    // A part carries its reference: the same octets twice are a repeat, whatever the setting says.
    repeatsUntil: plusSeconds(at, Math.max(command.repeatSeconds, command.partsTimeoutSeconds)),
    kind,
    alphabet,
    ussd,
    evidence,
    personal: { from, sourceAddr, contentId, octetsHex },
  };
}

/** The message as it stands, whole or not: nothing will be added to it. */
function ended(
  conversation: Conversation,
  { first, parts }: OpenMessage,
  at: string,
  inReplyTo: string | null,
): InboundEvent {
  const { inboundId, connector, to, total, personal } = first.data;
  const numbers = Array.from({ length: total }, (_, index) => index + 1);
  const inOrder = numbers.map((part) => parts.get(part)?.data);
  const lowest = inOrder.find((part) => part !== undefined) ?? first.data;
  return {
    type: 'MessageReceived',
    at,
    data: {
      inboundId,
      connector,
      to,
      parts: total,
      missingParts: numbers.filter((part) => !parts.has(part)),
      firstPartAt: first.at,
      repeatsUntil: lowest.repeatsUntil,
      repeats: conversation.repeatsOf(inboundId),
      inReplyTo,
      kind: lowest.kind,
      alphabet: lowest.alphabet,
      ussd: lowest.ussd,
      evidence: lowest.evidence,
      personal: {
        from: personal.from,
        sourceAddr: personal.sourceAddr,
        contentId: null,
        text: textOfParts(inOrder),
        octetsHex: inOrder.map((part) => part?.personal.octetsHex ?? null),
      },
    },
  };
}

const GAP = '…';

interface Run {
  readonly alphabet: InboundAlphabet;
  readonly octets: Buffer[];
}

/** Neighbours of one alphabet are joined before they are read: phones cut characters in two. */
function textOfParts(parts: readonly (MessagePartReceived | undefined)[]): string | null {
  const runs: (Run | typeof GAP)[] = [];
  for (const part of parts) {
    const last = runs.at(-1);
    if (part === undefined) {
      if (last !== GAP) runs.push(GAP);
      continue;
    }
    const body = Buffer.from(part.personal.octetsHex, 'hex').subarray(part.evidence.headerOctets);
    if (typeof last === 'object' && last.alphabet === part.alphabet) last.octets.push(body);
    else runs.push({ alphabet: part.alphabet, octets: [body] });
  }
  const texts = runs.map((run) => (run === GAP ? GAP : textOf(Buffer.concat(run.octets), run.alphabet)));
  return texts.includes(null) ? null : texts.join('');
}
