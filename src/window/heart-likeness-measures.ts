import { FRAME_LENGTH, FRAME_RATE_HZ, FrameField } from '../heart/envelope-bank.js';
import type { Beat, HeartRateModel } from '../heart/heart-rate.js';
import { HeartSounds, type HeartSound } from '../heart/heart-sounds.js';
import type { HeartSoundNetwork } from '../heart/heart-sound-emissions.js';
import { LoudSoundFinder } from './loud-sounds.js';
import { RecentValues, median, quantile } from './recent-values.js';

const CONTEXT_SECONDS = 8;

/** Names of the measures, in the order of {@link HeartLikenessMeasures.execute}. None depends on the gain. */
export const LIKENESS_MEASURES = [
  /** How sure the network for heart sounds is of the first sounds, of the second, and of the worst fifth of both. */
  's1Confidence',
  's2Confidence',
  'leastConfidence',
  /** Seconds that systole is off what it is at this rate in hearts; spread of the logarithms of systole and beat. */
  'systoleDeviation',
  'systoleSpread',
  'beatSpread',
  /** log10 of the energy in first, in second sounds over that between sounds; of the loudest between over the sounds. */
  's1Contrast',
  's2Contrast',
  'restContrast',
  /** See LoudSounds. */
  'soundWidth',
  'soundSkew',
  'levelSpread',
  'loudHigh',
  'loudMid',
  'pitch',
  'soundsPerSecond',
  /** The beat: its length in seconds, how well it repeats after one and after two. */
  'beatSeconds',
  'rhythm',
  'echo',
  /** How far the autocorrelation rises again within the beat: a heart has two sounds, a knock one. */
  'secondSound',
  /** Correlation of the samples themselves one beat apart: a machine repeats its wave, a heart only its sounds. */
  'sameWave',
] as const;

/** A second sound follows the first within this share of a beat, and these times in frames. */
const SECOND_SOUND = { leastFrames: 8, mostFrames: 25, mostShare: 0.62 } as const;
/** Lags in which the same wave is looked for, either side of the beat. */
const WAVE_REACH_SECONDS = 0.008;
/** Of samples a beat apart at least so many seconds are compared. */
const LEAST_WAVE_SECONDS = 0.8;
/** Every second sample will do for a correlation, and costs a quarter. */
const WAVE_STRIDE = 2;
/** What a spread is taken for when there is nothing to spread. */
const UNKNOWN_SPREAD = 0.5;
const UNKNOWN_DEVIATION_SECONDS = 0.3;
const LEAST_ENERGY = 1e-20;

export interface HeartLikenessOptions {
  readonly modelRateHz: number;
  readonly network: HeartSoundNetwork;
  readonly heartRate: HeartRateModel;
}

/**
 * Measures that tell a heart from what else has a beat, over the last 8 s of a stretch: two sounds in turn, as long, as low
 * and as far apart as heart sounds are. Causal, any chunking; `reset()` starts a new stretch.
 */
export class HeartLikenessMeasures {
  private readonly detector: HeartSounds;
  private readonly loudSounds: LoudSoundFinder;
  private readonly samples: RecentValues;
  private readonly energies = new RecentValues(CONTEXT_SECONDS * FRAME_RATE_HZ);
  private frameCount = 0;
  private sounds: HeartSound[] = [];
  private readonly values = new Float64Array(LIKENESS_MEASURES.length);

  constructor(private readonly options: HeartLikenessOptions) {
    this.detector = new HeartSounds(options);
    this.loudSounds = new LoudSoundFinder(options.modelRateHz);
    this.samples = new RecentValues(CONTEXT_SECONDS * options.modelRateHz);
  }

  /**
   * @param samples conditioned, contiguous with those before
   * @param frames that an EnvelopeBank makes of them
   * @returns the heart sounds that are now settled
   */
  push(samples: Float64Array, frames: Float64Array): HeartSound[] {
    for (let i = 0; i < samples.length; i++) this.samples.push(samples[i]);
    this.loudSounds.push(samples, frames);
    for (let row = 0; row < frames.length; row += FRAME_LENGTH) {
      const energy = frames[row + FrameField.low] + frames[row + FrameField.mid];
      this.energies.push(Math.log10(energy + LEAST_ENERGY));
      this.frameCount++;
    }
    const settled = this.detector.executeFrames(frames);
    this.sounds.push(...settled);
    const oldest = this.frameCount / FRAME_RATE_HZ - CONTEXT_SECONDS;
    this.sounds = this.sounds.filter(({ startSeconds }) => startSeconds >= oldest);
    return settled;
  }

  /**
   * @param beat of the same frames
   * @param correlations autocorrelation of the same frames' envelopes by lag, in frames
   * @returns by {@link LIKENESS_MEASURES}; reused by the next call
   */
  execute(beat: Beat | null, correlations: Float64Array): Float64Array {
    const loud = this.loudSounds.find();
    const beatSeconds = beat === null ? 0 : 60 / beat.bpm;
    this.values.set([
      ...this.confidences(),
      ...this.intervals(beatSeconds),
      ...this.contrasts(),
      loud.widthMs,
      loud.skew,
      loud.levelSpread,
      loud.high,
      loud.mid,
      loud.pitchHz,
      loud.perSecond,
      beatSeconds,
      beat?.correlation ?? 0,
      beat?.echo ?? 0,
      beat === null ? 0 : secondSound(correlations, beat.lag),
      this.sameWave(beatSeconds),
    ]);
    return this.values;
  }

  reset(): void {
    this.detector.reset();
    this.loudSounds.reset();
    this.samples.reset();
    this.energies.reset();
    this.frameCount = 0;
    this.sounds = [];
  }

  private confidences(): [first: number, second: number, least: number] {
    const of = (kind?: HeartSound['sound']) =>
      this.sounds
        .filter(({ sound }) => kind === undefined || sound === kind)
        .map(({ confidence }) => confidence);
    return [mean(of('S1')), mean(of('S2')), quantile(of(), 0.2, 0)];
  }

  private intervals(beatSeconds: number): [deviation: number, systoles: number, beats: number] {
    const systoles: number[] = [];
    const beats: number[] = [];
    let lastFirst: number | undefined;
    this.sounds.forEach(({ sound, startSeconds }, i) => {
      const next = this.sounds.at(i + 1);
      if (sound === 'S2') return;
      if (next?.sound === 'S2') systoles.push(next.startSeconds - startSeconds);
      if (lastFirst !== undefined) beats.push(Math.log(startSeconds - lastFirst));
      lastFirst = startSeconds;
    });
    // As in the decoder of heart sounds; see tools/quality/README.md.
    const expected = beatSeconds === 0 ? 0.3 : 0.131 + 0.2165 * beatSeconds;
    const deviation = Math.abs(median(systoles, expected + UNKNOWN_DEVIATION_SECONDS) - expected);
    return [deviation, spread(systoles.map(Math.log)), spread(beats)];
  }

  private contrasts(): [first: number, second: number, rest: number] {
    const energies = this.energies.last();
    const oldest = this.frameCount - energies.length;
    const levels: Record<HeartSound['sound'], number[]> = { S1: [], S2: [] };
    const rest: number[] = [];
    let lastEnd: number | undefined;
    for (const { sound, startSeconds, endSeconds } of this.sounds) {
      const start = Math.round(startSeconds * FRAME_RATE_HZ) - oldest;
      const end = Math.round(endSeconds * FRAME_RATE_HZ) - oldest;
      levels[sound].push(mean(energies.subarray(start, end)));
      if (lastEnd !== undefined) rest.push(...energies.subarray(lastEnd, start));
      lastEnd = end;
    }
    const pause = median(rest, 0);
    return [
      median(levels.S1, pause) - pause,
      median(levels.S2, pause) - pause,
      quantile(rest, 0.95, 0) - median([...levels.S1, ...levels.S2], 0),
    ];
  }

  private sameWave(beatSeconds: number): number {
    const { modelRateHz } = this.options;
    const x = this.samples.last();
    const lag = Math.round(beatSeconds * modelRateHz);
    const reach = Math.round(WAVE_REACH_SECONDS * modelRateHz);
    if (lag === 0 || x.length - lag - reach < LEAST_WAVE_SECONDS * modelRateHz) return 0;
    let best = 0;
    for (let late = lag - reach; late <= lag + reach; late += WAVE_STRIDE) {
      let both = 0;
      let squares = LEAST_ENERGY;
      let lateSquares = LEAST_ENERGY;
      for (let n = late; n < x.length; n += WAVE_STRIDE) {
        both += x[n] * x[n - late];
        squares += x[n] * x[n];
        lateSquares += x[n - late] * x[n - late];
      }
      best = Math.max(best, both / Math.sqrt(squares * lateSquares));
    }
    return best;
  }
}

/** Prominence of the strongest peak within the beat, over what is lower on both sides of it. */
function secondSound(r: Float64Array, lag: number): number {
  const { leastFrames, mostFrames, mostShare } = SECOND_SOUND;
  let most = 0;
  for (let l = leastFrames; l <= Math.min(mostShare * lag, mostFrames); l++) {
    if (r[l] < r[l - 1] || r[l] < r[l + 1]) continue;
    let before = 1;
    let after = 1;
    for (let k = leastFrames / 2; k < l; k++) before = Math.min(before, r[k]);
    for (let k = l; k < lag; k++) after = Math.min(after, r[k]);
    most = Math.max(most, r[l] - Math.max(before, after));
  }
  return most;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return values.length === 0 ? 0 : sum / values.length;
}

function spread(values: readonly number[]): number {
  if (values.length < 2) return UNKNOWN_SPREAD;
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}
