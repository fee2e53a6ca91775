import { ConfigurationError } from './errors.js';

/** @throws ConfigurationError for what is no finite number above 0 */
export function expectPositive(value: number, name: string): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new ConfigurationError(`${name} must be a positive number, got ${value}`);
}
