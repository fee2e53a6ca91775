import type { Fault, FaultPlan } from '../../src/simulate/fault.js';
import { SeededRandom } from '../../src/simulate/seeded-random.js';

/** On average one fault of the device, or a burst on the wire, in so many seconds of stream. */
const SECONDS_BETWEEN = 120;

/**
 * What goes wrong in `seconds` of stream: packets lost, doubled, changed and late all the time, and now and then
 * everything else that a fault file can hold, except what ends a recording. The same seed gives the same faults.
 */
export function randomFaultPlan(seed: number, seconds: number): FaultPlan {
  const random = new SeededRandom(seed);
  const between = (low: number, high: number): number => low + random.fraction() * (high - low);
  const whole = (low: number, high: number): number => Math.round(between(low, high));
  const faults: Fault[] = [
    { kind: 'drop', probability: between(0.0001, 0.002) },
    { kind: 'drop', probability: 0.0002, of: 'all' },
    { kind: 'duplicate', probability: between(0.0001, 0.002), of: 'all' },
    { kind: 'corrupt', probability: between(0.0001, 0.002), bytes: whole(1, 8), of: 'all' },
    { kind: 'delay', probability: between(0.0001, 0.002), packets: whole(1, 4) },
  ];
  const kinds: readonly ((atSeconds: number) => Fault)[] = [
    (atSeconds) => ({ kind: 'overrun', atSeconds, samples: whole(1, 6000) }),
    (atSeconds) => ({ kind: 'stall', atSeconds, forSeconds: between(0.05, 0.5) }),
    (atSeconds) => ({ kind: 'unplug', atSeconds, forSeconds: between(0.1, 0.8) }),
    (atSeconds) => ({ kind: 'unplug', atSeconds, forSeconds: between(0.1, 0.8), keepsCounting: true }),
    (atSeconds) => ({ kind: 'restart', atSeconds }),
    (atSeconds) => ({ kind: 'stop', atSeconds, reason: random.fraction() < 0.5 ? 'battery' : 'fault' }),
    (atSeconds) => ({ kind: 'hold', atSeconds, forSeconds: between(0.05, 1) }),
    (atSeconds) => ({ kind: 'garbage', atSeconds, bytes: whole(1, 20_000) }),
    (atSeconds) => ({ kind: 'contact', atSeconds, value: random.fraction() < 0.5 }),
    (atSeconds) => ({ kind: 'battery', atSeconds, percent: whole(0, 100) }),
  ];
  for (let at = between(5, 20); at < seconds - 2; at += between(1, 2 * SECONDS_BETWEEN)) {
    faults.push(kinds[random.below(kinds.length)](at));
  }
  return { seed, faults };
}
