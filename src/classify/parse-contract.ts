import { ModelError } from '../errors.js';
import type { ModelContract } from './model-contract.js';
import { contractSchemas } from './model-contract-schema.js';

/** @throws ModelError naming the items that are missing or wrong */
export function parseContract(text: string, path: string): ModelContract {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ModelError(`${path} must be JSON: ${(cause as Error).message}`, { cause });
  }
  const parsed = contractSchemas().contract.safeParse(json);
  if (!parsed.success) {
    const items = parsed.error.issues
      .slice(0, 5)
      .map((issue) => `${issue.path.join('.') || 'the contract'}: ${issue.message}`);
    throw new ModelError(`${path} is not a contract that this version can keep: ${items.join('; ')}`);
  }
  return parsed.data;
}
