/** Rates that boards and sound cards are programmed to, Hz. One that is close to what was measured is meant. */
const USUAL_RATES_HZ = [
  250, 500, 1000, 1024, 2000, 2048, 2500, 4000, 4096, 5000, 8000, 10_000, 11_025, 12_000, 16_000, 20_000,
  22_050, 24_000, 32_000, 40_000, 44_100, 48_000, 50_000, 88_200, 96_000, 176_400, 192_000,
];
const USUAL_WITHIN = 0.015;

/** What is further off the clock than this has another rate than was said. Crystals are within 0.02 %. */
const RATE_WITHIN = 0.03;
/** Bytes that come in one go, as through a pipe, are one arrival. */
const ARRIVAL_MS = 40;
/** What had waited in a pipe or a buffer for its reader comes at once, at first. */
const BACKLOG_MS = 150;
const LEAST_SPAN_MS = 3000;
const LEAST_ARRIVALS = 5;
const LONGEST_SPAN_MS = 5000;
/** A difference counts where it is so many times what the arrivals scatter. */
const CLEAR_OF_SCATTER = 8;
/** What each half of the arrivals must show of the difference that all of them show. */
const HALF_SHARE = 0.5;
/** A steady source's arrivals lie so close to a line: of the span, and beside. */
const STEADY_SHARE = 0.02;
const STEADY_MS = 30;
/** Faster than any board that is read at a wrong rate: a stored recording, as fast as it goes. */
const UNPACED_SPEED = 64;
/** A pipe of Linux holds 64 KiB, of two bytes a sample, before anybody reads. */
const PIPE_SAMPLES = 32_768;
/** Steady and so much too fast, at no usual rate: a program that computes, not a clock. */
const COMPUTED_SPEED = 8;
const CLEARLY_FASTER = 1.5;

export interface MeasuredRate {
  readonly kind: 'wrong-rate';
  /** Samples a second by the clock. */
  readonly measuredHz: number;
  /** The usual rate that is meant, or the measured one. */
  readonly fittingHz: number;
}

/** `live`: the clock and the rate agree, or nothing speaks against it. `unpaced`: a recording, as fast as it goes. */
export type Pace =
  { readonly kind: 'live' } | { readonly kind: 'unpaced'; readonly isSure: boolean } | MeasuredRate;

interface Arrival {
  readonly atMs: number;
  readonly samples: number;
}

/**
 * Sets the samples that arrive against the clock: is their rate the one that was said?
 *
 * A stored recording that is piped as fast as it goes is told from a live one at a wrong rate by its beginning: it brings
 * more than 64 times what the clock allows, what may have waited in a pipe not counted, or is over at once. Else the rate is
 * measured by a line of least squares through the arrivals of three to five seconds, and believed where the difference
 * is over 3 % and eight times what the arrivals scatter about the line, and where both halves of the arrivals show it.
 * They must also be steady (within 2 %), as those of a stream that loses samples now and then are not, and near a usual
 * rate where it is over eight times too fast: a program that decodes a file is neither.
 *
 * Knows no clock; every call is told the time.
 */
export class SamplePace {
  private readonly rateHz: number;
  private arrivals: Arrival[] = [];
  private firstAtMs: number | undefined;
  private total = 0;
  private decided: Pace | undefined;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
  }

  /** What is known so far; undefined while it is open. */
  get pace(): Pace | undefined {
    return this.decided;
  }

  /** @returns the pace once it is decided; a wrong rate may turn up later, where the source changes */
  push(samples: number, nowMs: number): Pace | undefined {
    if (this.decided?.kind === 'unpaced' || this.decided?.kind === 'wrong-rate') return this.decided;
    this.total += samples;
    this.firstAtMs ??= nowMs;
    const sinceMs = nowMs - this.firstAtMs;
    if (this.decided === undefined && this.isUnpaced(sinceMs)) {
      return (this.decided = { kind: 'unpaced', isSure: true });
    }
    if (sinceMs < BACKLOG_MS) return undefined;
    this.arrive(nowMs);
    return (this.decided = this.judge() ?? this.decided);
  }

  /** The source has ended: what can be said by then. */
  finish(nowMs: number): Pace {
    const sinceMs = nowMs - (this.firstAtMs ?? nowMs);
    const isFaster = this.total / this.rateHz > 2 * (sinceMs / 1000 + 1);
    this.decided ??= this.judge(LEAST_SPAN_MS / 3);
    return (this.decided ??= isFaster ? { kind: 'unpaced', isSure: true } : { kind: 'live' });
  }

  /** The source was away, or samples are missing: what came before says nothing of what follows. */
  restart(): void {
    this.arrivals = [];
  }

  private isUnpaced(sinceMs: number): boolean {
    const beyond = (this.total - PIPE_SAMPLES) / this.rateHz;
    return beyond > 1 && beyond > (UNPACED_SPEED * sinceMs) / 1000;
  }

  private arrive(nowMs: number): void {
    const arrival = { atMs: nowMs, samples: this.total };
    const last = this.arrivals.at(-1);
    const before = this.arrivals.at(-2);
    if (last !== undefined && before !== undefined && nowMs - before.atMs < ARRIVAL_MS) this.arrivals.pop();
    this.arrivals.push(arrival);
    while (nowMs - this.arrivals[0].atMs > LONGEST_SPAN_MS) this.arrivals.shift();
  }

  private judge(leastSpanMs = LEAST_SPAN_MS): Pace | undefined {
    const { arrivals, rateHz } = this;
    const spanMs = arrivals.length === 0 ? 0 : arrivals.at(-1)!.atMs - arrivals[0].atMs;
    if (spanMs < leastSpanMs || arrivals.length < LEAST_ARRIVALS) return undefined;
    const { hz, scatterMs } = fit(arrivals);
    const speed = hz / rateHz;
    if (Math.abs(speed - 1) <= RATE_WITHIN) return { kind: 'live' };
    // By how much the clock and the samples part over the span, in the source's own time.
    const partMs = Math.abs(1 - 1 / speed) * spanMs;
    const isSteady = scatterMs <= STEADY_SHARE * spanMs + STEADY_MS;
    const usualHz = USUAL_RATES_HZ.find((usual) => Math.abs(hz / usual - 1) <= USUAL_WITHIN);
    const isClock = isSteady && (speed < COMPUTED_SPEED || usualHz !== undefined);
    if (partMs >= CLEAR_OF_SCATTER * scatterMs && isClock && this.halvesAgree(speed)) {
      return { kind: 'wrong-rate', measuredHz: hz, fittingHz: usualHz ?? Math.round(hz) };
    }
    if (this.decided !== undefined || spanMs < LONGEST_SPAN_MS - BACKLOG_MS - 2 * ARRIVAL_MS)
      return undefined;
    return speed > CLEARLY_FASTER ? { kind: 'unpaced', isSure: false } : { kind: 'live' };
  }

  /** Another rate shows all the time; arrivals that are late more and more for a second do so in one half. */
  private halvesAgree(speed: number): boolean {
    const middle = Math.floor(this.arrivals.length / 2);
    return [this.arrivals.slice(0, middle + 1), this.arrivals.slice(middle)].every((half) => {
      const off = fit(half).hz / this.rateHz - 1;
      return Math.sign(off) === Math.sign(speed - 1) && Math.abs(off) >= HALF_SHARE * Math.abs(speed - 1);
    });
  }
}

/** A line of least squares through the arrivals: samples a second, and the furthest that one lies from it, ms. */
function fit(arrivals: readonly Arrival[]): { hz: number; scatterMs: number } {
  const [{ atMs: originMs, samples: origin }] = arrivals;
  const mean = (value: (arrival: Arrival) => number): number =>
    arrivals.reduce((sum, arrival) => sum + value(arrival), 0) / arrivals.length;
  const meanMs = mean(({ atMs }) => atMs - originMs);
  const meanSamples = mean(({ samples }) => samples - origin);
  const covariance = mean((a) => (a.atMs - originMs - meanMs) * (a.samples - origin - meanSamples));
  const perMs = covariance / mean((a) => (a.atMs - originMs - meanMs) ** 2);
  const scatterMs = Math.max(
    ...arrivals.map(
      (a) => Math.abs(a.samples - origin - meanSamples - perMs * (a.atMs - originMs - meanMs)) / perMs,
    ),
  );
  return { hz: perMs * 1000, scatterMs: Number.isFinite(scatterMs) ? scatterMs : Infinity };
}
