import type { LubdubErrorCode } from '../errors.js';

/** Exit codes of the command line: a public interface. */
export const ExitCode = {
  done: 0,
  wrongUse: 2,
  device: 3,
  model: 4,
  recording: 5,
  /** What was to be stored (`--out`), written (stdout) or sent (`fhir push`) was not, or not all of it. */
  notKept: 6,
  internal: 70,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const byErrorCode: Record<LubdubErrorCode, ExitCode> = {
  LUBDUB_CONFIGURATION: ExitCode.wrongUse,
  LUBDUB_PROTOCOL: ExitCode.device,
  LUBDUB_PORT: ExitCode.device,
  LUBDUB_NO_DEVICE: ExitCode.device,
  LUBDUB_DEVICE_LOST: ExitCode.device,
  LUBDUB_MODEL: ExitCode.model,
  LUBDUB_RUNTIME: ExitCode.model,
  LUBDUB_RECORDING: ExitCode.recording,
  LUBDUB_SESSION: ExitCode.recording,
  LUBDUB_INTERNAL: ExitCode.internal,
};

export const exitCodeFor = (code: LubdubErrorCode): ExitCode => byErrorCode[code];
