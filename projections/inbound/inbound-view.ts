// A message from a phone as the API gives it.
import type {
  InboundAlphabet,
  InboundKind,
  MessageReceived,
  Ussd,
} from '../../src/message/inbound.events.js';

export interface InboundView {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly connector: string;
  /** Equal for all messages between the same two addresses. */
  readonly conversation: string;
  readonly kind: InboundKind;
  readonly text: string | null;
  readonly parts: number;
  readonly missingParts: readonly number[];
  /** When the last part came, or the missing ones were given up. */
  readonly receivedAt: string;
  readonly firstPartAt: string;
  readonly inReplyTo: string | null;
  readonly ussd: Ussd | null;
  readonly raw: {
    readonly octetsHex: readonly (string | null)[];
    readonly alphabet: InboundAlphabet;
    readonly pdu: 'deliver_sm' | 'data_sm';
    readonly dataCoding: number;
    readonly esmClass: number;
    readonly headerOctets: number;
    readonly serviceType: string;
    readonly source: { readonly address: string; readonly ton: number; readonly npi: number };
    readonly destination: { readonly address: string; readonly ton: number; readonly npi: number };
    readonly smscMessageId: string | null;
  };
}

export function inboundView(received: MessageReceived, conversation: string, at: string): InboundView {
  const { evidence, personal } = received;
  return {
    id: received.inboundId,
    from: personal.from,
    to: received.to,
    connector: received.connector,
    conversation,
    kind: received.kind,
    text: personal.text,
    parts: received.parts,
    missingParts: received.missingParts,
    receivedAt: at,
    firstPartAt: received.firstPartAt,
    inReplyTo: received.inReplyTo,
    ussd: received.ussd,
    raw: {
      octetsHex: personal.octetsHex,
      alphabet: received.alphabet,
      pdu: evidence.pdu,
      dataCoding: evidence.dataCoding,
      esmClass: evidence.esmClass,
      headerOctets: evidence.headerOctets,
      serviceType: evidence.serviceType,
      source: { address: personal.sourceAddr, ton: evidence.sourceTon, npi: evidence.sourceNpi },
      destination: { address: evidence.destAddr, ton: evidence.destTon, npi: evidence.destNpi },
      smscMessageId: evidence.smscMessageId,
    },
  };
}
