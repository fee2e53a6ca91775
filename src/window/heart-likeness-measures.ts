import { FRAME_LENGTH, FRAME_RATE_HZ, FrameField } from '../heart/envelope-bank.js';
import type { Beat, HeartRate, HeartRateModel } from '../heart/heart-rate.js';
import { HeartSounds, type HeartSound } from '../heart/heart-sounds.js';
import type { HeartSoundNetwork } from '../heart/heart-sound-emissions.js';
import { LoudSoundFinder } from './loud-sounds.js';
import { OrderStatistics } from './order-statistics.js';
import { RecentValues } from './recent-values.js';
import { SameWave } from './same-wave.js';

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
/** What a spread is taken for when there is nothing to spread. */
const UNKNOWN_SPREAD = 0.5;
const UNKNOWN_DEVIATION_SECONDS = 0.3;
const LEAST_ENERGY = 1e-20;

export interface HeartLikenessOptions {
  readonly modelRateHz: number;
  readonly network: HeartSoundNetwork;
  readonly heartRate: HeartRateModel;
  /** As `HeartSoundsOptions` says. */
  readonly rate?: HeartRate;
}

/**
 * Measures that tell a heart from what else has a beat, over the last 8 s of a stretch: two sounds in turn, as long, as low
 * and as far apart as heart sounds are. Causal, any chunking; `reset()` starts a new stretch.
 */
export class HeartLikenessMeasures {
  private readonly detector: HeartSounds;
  private readonly loudSounds: LoudSoundFinder;
  private readonly wave: SameWave;
  private readonly energies = new RecentValues(CONTEXT_SECONDS * FRAME_RATE_HZ);
  private frameCount = 0;
  private sounds: HeartSound[] = [];
  private readonly statistics = new OrderStatistics(CONTEXT_SECONDS * FRAME_RATE_HZ);
  private readonly levels = { S1: new OrderStatistics(), S2: new OrderStatistics() };
  private readonly values = new Float64Array(LIKENESS_MEASURES.length);

  constructor(private readonly options: HeartLikenessOptions) {
    this.detector = new HeartSounds(options);
    this.loudSounds = new LoudSoundFinder(options.modelRateHz);
    this.wave = new SameWave(options.modelRateHz, CONTEXT_SECONDS);
  }

  /**
   * @param samples conditioned, contiguous with those before
   * @param frames that an EnvelopeBank makes of them
   * @returns the heart sounds that are now settled
   */
  push(samples: Float64Array, frames: Float64Array): HeartSound[] {
    this.wave.push(samples);
    this.loudSounds.push(samples, frames);
    for (let row = 0; row < frames.length; row += FRAME_LENGTH) {
      const energy = frames[row + FrameField.low] + frames[row + FrameField.mid];
      this.energies.push(Math.log10(energy + LEAST_ENERGY));
      this.frameCount++;
    }
    const settled = this.detector.executeFrames(frames);
    for (const sound of settled) this.sounds.push(sound);
    const oldest = this.frameCount / FRAME_RATE_HZ - CONTEXT_SECONDS;
    let forgotten = 0;
    while (forgotten < this.sounds.length && this.sounds[forgotten].startSeconds < oldest) forgotten++;
    if (forgotten > 0) this.sounds.splice(0, forgotten);
    return settled;
  }

  /**
   * @param beat of the same frames
   * @param correlations autocorrelation of the same frames' envelopes by lag, in frames
   * @returns by {@link LIKENESS_MEASURES}; reused by the next call
   */
  execute(beat: Beat | null, correlations: Float64Array): Float64Array {
    const { values } = this;
    const { modelRateHz } = this.options;
    const beatSeconds = beat === null ? 0 : 60 / beat.bpm;
    const [first, second, least] = this.confidences();
    const [deviation, systoles, beats] = this.intervals(beatSeconds);
    const [firstContrast, secondContrast, rest] = this.contrasts();
    const loud = this.loudSounds.find();
    let i = 0;
    values[i++] = first;
    values[i++] = second;
    values[i++] = least;
    values[i++] = deviation;
    values[i++] = systoles;
    values[i++] = beats;
    values[i++] = firstContrast;
    values[i++] = secondContrast;
    values[i++] = rest;
    values[i++] = loud.widthMs;
    values[i++] = loud.skew;
    values[i++] = loud.levelSpread;
    values[i++] = loud.high;
    values[i++] = loud.mid;
    values[i++] = loud.pitchHz;
    values[i++] = loud.perSecond;
    values[i++] = beatSeconds;
    values[i++] = beat?.correlation ?? 0;
    values[i++] = beat?.echo ?? 0;
    values[i++] = beat === null ? 0 : secondSound(correlations, beat.lag);
    values[i] = this.wave.largest(Math.round(beatSeconds * modelRateHz));
    return values;
  }

  reset(): void {
    this.detector.reset();
    this.loudSounds.reset();
    this.wave.reset();
    this.energies.reset();
    this.frameCount = 0;
    this.sounds = [];
  }

  private confidences(): [first: number, second: number, least: number] {
    const { statistics } = this;
    statistics.clear();
    const sums = { S1: 0, S2: 0 };
    const counts = { S1: 0, S2: 0 };
    for (const { sound, confidence } of this.sounds) {
      sums[sound] += confidence;
      counts[sound]++;
      statistics.push(confidence);
    }
    const mean = (sound: HeartSound['sound']) => (counts[sound] === 0 ? 0 : sums[sound] / counts[sound]);
    return [mean('S1'), mean('S2'), statistics.quantile(0.2, 0)];
  }

  private intervals(beatSeconds: number): [deviation: number, systoles: number, beats: number] {
    const { sounds, statistics } = this;
    statistics.clear();
    const systoles: number[] = [];
    const beats: number[] = [];
    let lastFirst: number | undefined;
    for (let i = 0; i < sounds.length; i++) {
      const { sound, startSeconds } = sounds[i];
      if (sound === 'S2') continue;
      if (i + 1 < sounds.length && sounds[i + 1].sound === 'S2') {
        const systole = sounds[i + 1].startSeconds - startSeconds;
        statistics.push(systole);
        systoles.push(Math.log(systole));
      }
      if (lastFirst !== undefined) beats.push(Math.log(startSeconds - lastFirst));
      lastFirst = startSeconds;
    }
    // As in the decoder of heart sounds; see tools/quality/README.md.
    const expected = beatSeconds === 0 ? 0.3 : 0.131 + 0.2165 * beatSeconds;
    const deviation = Math.abs(statistics.median(expected + UNKNOWN_DEVIATION_SECONDS) - expected);
    return [deviation, spread(systoles), spread(beats)];
  }

  private contrasts(): [first: number, second: number, rest: number] {
    const { levels, statistics: rest } = this;
    const energies = this.energies.last();
    const oldest = this.frameCount - energies.length;
    levels.S1.clear();
    levels.S2.clear();
    rest.clear();
    let lastEnd: number | undefined;
    for (const { sound, startSeconds, endSeconds } of this.sounds) {
      const start = Math.round(startSeconds * FRAME_RATE_HZ) - oldest;
      const end = Math.round(endSeconds * FRAME_RATE_HZ) - oldest;
      levels[sound].push(mean(energies, start, end));
      if (lastEnd !== undefined) for (let i = lastEnd; i < start; i++) rest.push(energies[i]);
      lastEnd = end;
    }
    const pause = rest.median(0);
    const [first, second] = [levels.S1.median(pause), levels.S2.median(pause)];
    const loud = rest.quantile(0.95, 0);
    levels.S1.pushAll(levels.S2);
    return [first - pause, second - pause, loud - levels.S1.median(0)];
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

function mean(values: ArrayLike<number>, start = 0, end = values.length): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += values[i];
  return end > start ? sum / (end - start) : 0;
}

function spread(values: readonly number[]): number {
  if (values.length < 2) return UNKNOWN_SPREAD;
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  return Math.sqrt(squares / values.length);
}
