// What can go wrong with our own side of SMPP. What the SMSC or the network does is never an
// exception: it comes as the end of a submit or the end of a session.

export abstract class SmppError extends Error {
  abstract readonly code: string;
  /** Whether the same call can succeed later without any change by a person. */
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A connector setting that cannot work: correct the configuration and start again. */
export class ConnectorOptionError extends SmppError {
  readonly code = 'SMPP_OPTION_INVALID';
  readonly retryable = false;
}

/** The file of connectors cannot be used as it is: correct the faults named, then start or reload again. */
export class ConnectorsFileError extends SmppError {
  readonly code = 'SMPP_CONNECTORS_FILE_INVALID';
  readonly retryable = false;

  constructor(
    readonly path: string,
    readonly faults: readonly string[],
    options?: ErrorOptions,
  ) {
    super(`${path} cannot be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`, options);
  }
}

/**
 * A submit_sm that no SMPP PDU can carry: do not send it again, correct the field.
 * `commandStatus` is what an SMSC would have answered.
 */
export class UnsendablePduError extends SmppError {
  readonly code = 'SMPP_PDU_UNSENDABLE';
  readonly retryable = false;

  constructor(
    readonly commandStatus: number,
    message: string,
  ) {
    super(message);
  }
}

/** Other processes kept writing to the same conversation: have the SMSC send it again. */
export class ConversationContendedError extends SmppError {
  readonly code = 'SMPP_CONVERSATION_CONTENDED';
  readonly retryable = true;

  constructor(tries: number) {
    super(`the conversation changed under the message ${String(tries)} times; have it sent again`);
  }
}
