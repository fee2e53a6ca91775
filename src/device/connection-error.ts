import { PLAIN_WIRE_NAMES } from '../decode/wire/wires.js';
import { PortError } from '../errors.js';
import type { LossReason, PortOutcome } from './stethoscope-event.js';

/** Nobody on this port answered as a stethoscope does. */
export class NoAnswerError extends PortError {
  readonly outcome: PortOutcome;
  readonly detail: string;

  constructor(path: string, outcome: PortOutcome, detail: string, options?: { cause?: unknown }) {
    super(
      `${path}: ${detail}; check that it is a stethoscope that speaks lubdub's protocol, and its baud rate ` +
        `(a board that only sends samples needs --wire ${PLAIN_WIRE_NAMES.join(' or ')} with --rate)`,
      { ...options, code: 'LUBDUB_NO_DEVICE' },
    );
    this.outcome = outcome;
    this.detail = detail;
  }
}

/** A connection that worked is lost; reconnecting may help. */
export class ConnectionLostError extends PortError {
  readonly reason: LossReason;

  constructor(reason: LossReason, message: string, options?: { cause?: unknown }) {
    super(message, { ...options, code: 'LUBDUB_DEVICE_LOST' });
    this.reason = reason;
  }
}
