// What can be wrong with what a person or a test asks of the simulator.

export abstract class SmscSimulatorError extends Error {
  abstract readonly code: string;
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A knob, script or option that does not exist or has no such value: correct it. */
export class OptionInvalidError extends SmscSimulatorError {
  readonly code = 'SMSC_SIMULATOR_OPTION_INVALID';
  readonly retryable = false;

  constructor(
    readonly field: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`${field}: ${problem}`, options);
  }
}

/** What was waited for did not come in time. */
export class WaitEndedError extends SmscSimulatorError {
  readonly code = 'SMSC_SIMULATOR_WAIT_ENDED';
  readonly retryable = true;
}
