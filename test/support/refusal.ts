import { expect } from 'chai';
import { ConfigurationError } from '../../src/errors.js';

/** The sentence with which something is refused. */
export const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'was accepted',
    (error: Error) => {
      expect(error, String(error.stack)).to.be.instanceOf(ConfigurationError);
      return error.message;
    },
  );
