import { listPorts } from '../../acquire/list-ports.js';
import { ExitCode } from '../exit-codes.js';
import type { Output } from '../output.js';

/** `lubdub ports`: what is plugged in, the likeliest stethoscope first. */
export async function ports(output: Output): Promise<number> {
  const found = await listPorts();
  for (const port of found) output.event({ kind: 'port', ...port });
  if (found.length === 0) output.say('no serial port found; plug the stethoscope in, or simulate one');
  return ExitCode.done;
}
