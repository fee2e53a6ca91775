import { ConfigurationError } from '../errors.js';

/** @throws ConfigurationError for an option that is no finite number above 0 */
export function expectPositive(value: number, option: string): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new ConfigurationError(`${option} must be a positive number, got ${value}`);
}
