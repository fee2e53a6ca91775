/**
 * Every failure that lubdub foresees. `code` is stable and part of the public interface; the message says
 * what was wrong, the rule, what was found, and what to do about it.
 */
export class LubdubError extends Error {
  readonly code: LubdubErrorCode;

  constructor(code: LubdubErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

export type LubdubErrorCode =
  | 'LUBDUB_CONFIGURATION'
  | 'LUBDUB_PROTOCOL'
  | 'LUBDUB_PORT'
  | 'LUBDUB_NO_DEVICE'
  | 'LUBDUB_DEVICE_LOST'
  | 'LUBDUB_MODEL'
  | 'LUBDUB_RUNTIME'
  | 'LUBDUB_RECORDING'
  | 'LUBDUB_SESSION'
  | 'LUBDUB_INTERNAL';

/** A wrong option, a wrong combination of options, or a wrong configuration file. Exit code 2. */
export class ConfigurationError extends LubdubError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('LUBDUB_CONFIGURATION', message, options);
  }
}

/** The device says something that the protocol does not allow and that cannot be skipped. Exit code 3. */
export class ProtocolError extends LubdubError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('LUBDUB_PROTOCOL', message, options);
  }
}

/** A port cannot be opened, no device answers, or the device is gone for good. Exit code 3. */
export class PortError extends LubdubError {
  constructor(
    message: string,
    options?: { cause?: unknown; code?: 'LUBDUB_PORT' | 'LUBDUB_NO_DEVICE' | 'LUBDUB_DEVICE_LOST' },
  ) {
    super(options?.code ?? 'LUBDUB_PORT', message, options);
  }
}

/** The model, its contract, or the runtime that should execute it is unusable. Exit code 4. */
export class ModelError extends LubdubError {
  constructor(message: string, options?: { cause?: unknown; code?: 'LUBDUB_MODEL' | 'LUBDUB_RUNTIME' }) {
    super(options?.code ?? 'LUBDUB_MODEL', message, options);
  }
}

/** A recording that cannot be read at all. Exit code 5. */
export class RecordingError extends LubdubError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('LUBDUB_RECORDING', message, options);
  }
}

/** A stored session that cannot be written, opened or mended. Exit code 5. */
export class SessionError extends LubdubError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('LUBDUB_SESSION', message, options);
  }
}
