import { listPorts } from '../../acquire/list-ports.js';
import { listSoundCards } from '../../acquire/list-sound-cards.js';
import { ExitCode } from '../exit-codes.js';
import type { Output } from '../output.js';

/** `lubdub ports`: what is plugged in, the likeliest stethoscope first; then the sound cards that record. */
export async function ports(output: Output): Promise<number> {
  const found = await listPorts();
  for (const port of found) output.event({ kind: 'port', ...port });
  const cards = listSoundCards();
  for (const card of cards) output.event({ kind: 'sound-card', ...card });
  if (found.length === 0) output.say('no serial port found; plug the stethoscope in, or simulate one');
  if (cards.length === 0) output.say('no sound card that records found');
  return ExitCode.done;
}
