// What comes from a phone (MO), in the past tense: one stream per conversation, that is per pair of
// our address and theirs.
//
// | event               | evidence                                                              |
// |---------------------|-----------------------------------------------------------------------|
// | MessagePartReceived | a deliver_sm or data_sm with one part of several, as it came          |
// | MessageReceived     | one that is whole, the last part of several, or the end of their wait |
// | MessageRepeated     | one with the very content of another, within the time for repeats     |
// | PhoneAvailable      | alert_notification                                                    |
//
// Numbers, texts, and what could be tried out to guess them stand in `personal` alone. The name of
// the stream is a pseudonym, not a secret: whoever has a number can compute it.

/** The message type bits of esm_class (SMPP 3.4 §5.2.12) that are no delivery receipt. */
export type InboundKind = 'message' | 'delivery-acknowledgement' | 'user-acknowledgement' | 'abort' | 'other';

/** How octets become characters. `binary`: not at all. `unknown`: a data_coding nobody here can read. */
export type InboundAlphabet =
  | 'gsm7'
  | 'ascii'
  | 'latin1'
  | 'iso-8859-5'
  | 'iso-8859-8'
  | 'iso-2022-jp'
  | 'euc-kr'
  | 'ucs2'
  | 'binary'
  | 'unknown';

/** SMPP 3.4 §5.3.2.44 and §5.3.2.43. */
export interface Ussd {
  readonly serviceOp: number | null;
  readonly session: {
    readonly number: number;
    readonly sequence: number;
    readonly isEnd: boolean;
  } | null;
}

/** The fields of the PDU that carried it, as they came. */
export interface InboundEvidence {
  readonly pdu: 'deliver_sm' | 'data_sm';
  readonly serviceType: string;
  readonly sourceTon: number;
  readonly sourceNpi: number;
  readonly destTon: number;
  readonly destNpi: number;
  readonly destAddr: string;
  readonly esmClass: number;
  readonly dataCoding: number;
  /** Octets of the user data header at the beginning of the octets; 0 without one. */
  readonly headerOctets: number;
  /** The SMSC's own name for it (receipted_message_id); null when it gives none. */
  readonly smscMessageId: string | null;
}

/** What joins the parts of one message: the reference its phone chose, in one of three places. */
export interface PartReference {
  readonly kind: 'udh8' | 'udh16' | 'sar';
  readonly number: number;
}

export interface MessagePartReceived {
  /** Of the whole message: the id MessageReceived will carry. */
  readonly inboundId: string;
  readonly connector: string;
  /** Connectors of one SMSC, which may deliver parts of one message: their common name. */
  readonly group: string;
  /** Our address: E.164 with a plus where it is one, otherwise as it came. */
  readonly to: string;
  readonly reference: PartReference;
  /** From 1. */
  readonly part: number;
  readonly total: number;
  /** Parts that have not come by then are given up: ISO 8601 UTC. That of the first part counts. */
  readonly giveUpAt: string;
  /** The same content until then is a repeat: ISO 8601 UTC. */
  readonly repeatsUntil: string;
  readonly kind: InboundKind;
  readonly alphabet: InboundAlphabet;
  readonly ussd: Ussd | null;
  readonly evidence: InboundEvidence;
  readonly personal: {
    /** Their address, in the form of `to`. */
    readonly from: string;
    readonly sourceAddr: string;
    /** Equal for equal content; null when nothing can be taken for a repeat of it. */
    readonly contentId: string | null;
    /** The whole user data as it came, header included. */
    readonly octetsHex: string;
  };
}

export interface MessageReceived {
  readonly inboundId: string;
  readonly connector: string;
  readonly to: string;
  /** 1 for a message of one part. */
  readonly parts: number;
  /** Part numbers that never came; empty when it is whole. */
  readonly missingParts: readonly number[];
  /** When the first of it came: ISO 8601 UTC. The event's own instant is that of the last. */
  readonly firstPartAt: string;
  readonly repeatsUntil: string;
  /** Copies that came before it was whole. */
  readonly repeats: number;
  /** The last message sent to this phone by the address it writes to; null when there is none. */
  readonly inReplyTo: string | null;
  readonly kind: InboundKind;
  readonly alphabet: InboundAlphabet;
  readonly ussd: Ussd | null;
  /** Of the first part there is; that of the others stands in their own events. */
  readonly evidence: InboundEvidence;
  readonly personal: {
    readonly from: string;
    readonly sourceAddr: string;
    /** Null for several parts, whose own events carry theirs, and where nothing can be a repeat. */
    readonly contentId: string | null;
    /** Null when it is not text, or text that cannot be read. `…` stands for missing parts. */
    readonly text: string | null;
    /** The user data of each part, header included; null for a missing one. */
    readonly octetsHex: readonly (string | null)[];
  };
}

export interface MessageRepeated {
  readonly inboundId: string;
  readonly connector: string;
  /** All copies of that message so far. */
  readonly repeats: number;
  readonly personal: { readonly contentId: string };
}

/** SMPP 3.4 §5.3.2.30; null when the SMSC did not say, or said another number. */
export type PhoneAvailability = 'available' | 'denied' | 'unavailable' | null;

export interface PhoneAvailable {
  readonly connector: string;
  readonly to: string;
  readonly availability: PhoneAvailability;
  /** ms_availability_status as it came. */
  readonly availabilityStatus: number | null;
  readonly personal: { readonly from: string };
}

export interface InboundEventData {
  MessagePartReceived: MessagePartReceived;
  MessageReceived: MessageReceived;
  MessageRepeated: MessageRepeated;
  PhoneAvailable: PhoneAvailable;
}

export type InboundEventType = keyof InboundEventData;

export type InboundEvent = {
  [Type in InboundEventType]: {
    readonly type: Type;
    readonly at: string;
    readonly data: InboundEventData[Type];
  };
}[InboundEventType];

const PREFIX = 'conversation-';

/** Of what is written today. */
export const INBOUND_SCHEMA_VERSION = 1;

const EVENT_TYPES: Readonly<Record<InboundEventType, true>> = {
  MessagePartReceived: true,
  MessageReceived: true,
  MessageRepeated: true,
  PhoneAvailable: true,
};

export function conversationStream(conversationId: string): string {
  return PREFIX + conversationId;
}

/** Undefined for streams of other things. */
export function conversationIdOf(stream: string): string | undefined {
  return stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;
}

/** @throws Error for a type or version this build does not know: the stream must not be followed further. */
export function toInboundEvent(recorded: {
  readonly type: string;
  readonly data: object;
  readonly metadata: { readonly schemaVersion: number; readonly at: string };
}): InboundEvent {
  const { type, data, metadata } = recorded;
  if (!(type in EVENT_TYPES) || metadata.schemaVersion !== INBOUND_SCHEMA_VERSION) {
    throw new Error(
      `${type} version ${String(metadata.schemaVersion)} is not known to this build; run the build that wrote it`,
    );
  }
  return { type, at: metadata.at, data } as InboundEvent;
}
