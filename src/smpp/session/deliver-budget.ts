// How much of what an SMSC delivered may wait for our answer, over all sessions of a connector: a
// store that is slow must make the SMSC wait, not the memory grow.

/** Far more than any SMSC leaves unanswered of its own will; about 10 MB with their objects. A guess. */
const MAX_PDUS = 10_000;
/** 10,000 PDUs of the largest size would be 700 MB. A guess. */
const MAX_OCTETS = 8 * 1024 * 1024;

export class DeliverBudget {
  private pdus = 0;
  private octets = 0;

  constructor(
    private readonly maxPdus = MAX_PDUS,
    private readonly maxOctets = MAX_OCTETS,
  ) {}

  /** Read no more for now: what comes behind waits in the network, and with the SMSC. */
  get isSpent(): boolean {
    return this.exceeds(1);
  }

  /** Keep no more: the reads that kept the link alive meanwhile have brought as much again. */
  get isOverdrawn(): boolean {
    return this.exceeds(2);
  }

  get isHalfFree(): boolean {
    return !this.exceeds(0.5);
  }

  add(octets: number): void {
    this.pdus++;
    this.octets += octets;
  }

  remove(octets: number): void {
    this.pdus--;
    this.octets -= octets;
  }

  private exceeds(times: number): boolean {
    return this.pdus >= this.maxPdus * times || this.octets >= this.maxOctets * times;
  }
}
