import { SignalKernel, type Address, type Resident } from '../compute/signal-kernel.js';
import { FRAME_RATE_HZ } from '../heart/envelope-bank.js';
import type { Beat } from '../heart/heart-rate.js';
import type { HeartSound } from '../heart/heart-sounds.js';
import { CONTEXT_FRAMES, CONTEXT_SECONDS, type KeptStretch } from './kept-stretch.js';
import { LOUD_SOUND_MEASURES, measureLoudSounds } from './loud-sounds.js';
import { sameWave } from './same-wave.js';

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
  ...LOUD_SOUND_MEASURES,
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

/** Numbers of a sound, as `soundMeasures` of the module takes them. */
const SOUND_LENGTH = 5;
/** Sounds that are looked back on, at most: no heart cycle is shorter than 11 frames. */
const KEPT_SOUNDS = 80;
/** Twice as many as are looked back on, so that they are rarely moved to the front. */
const SOUNDS_LENGTH = 2 * KEPT_SOUNDS * SOUND_LENGTH;
/** What the module measures of the sounds, the first of the measures. */
const SOUND_MEASURES = 9;

/**
 * Measures that tell a heart from what else has a beat, over the last 8 s of a stretch: two sounds in turn, as long, as low
 * and as far apart as heart sounds are. The compute module keeps the sounds, and measures them. `reset()` forgets them.
 */
export class HeartLikenessMeasures implements Resident {
  /** Sounds from `soundsFrom` to `soundsEnd`, then the measures. */
  readonly numbers = new Float64Array(SOUNDS_LENGTH + LIKENESS_MEASURES.length);
  private readonly kernel = SignalKernel.get();
  private soundsFrom = 0;
  private soundsEnd = 0;

  /** @param kept of the stretch, which whoever makes it keeps */
  constructor(private readonly kept: KeptStretch) {}

  /** @param settled heart sounds of the frames that are kept, after those before */
  push(settled: readonly HeartSound[]): void {
    const { kernel } = this;
    const table = kernel.heartLikeness.of(this) / 8;
    const { numbers } = kernel;
    const oldest = this.kept.frameCount / FRAME_RATE_HZ - CONTEXT_SECONDS;
    while (this.soundsFrom < this.soundsEnd && numbers[table + this.soundsFrom + 1] < oldest) {
      this.soundsFrom += SOUND_LENGTH;
    }
    for (const { sound, startSeconds, endSeconds, confidence } of settled) {
      if (startSeconds < oldest) continue;
      if (this.soundsEnd === SOUNDS_LENGTH) {
        numbers.copyWithin(table, table + this.soundsFrom, table + this.soundsEnd);
        this.soundsEnd -= this.soundsFrom;
        this.soundsFrom = 0;
      }
      let to = table + this.soundsEnd;
      numbers[to++] = sound === 'S1' ? 0 : 1;
      numbers[to++] = startSeconds;
      numbers[to++] = confidence;
      numbers[to++] = Math.round(startSeconds * FRAME_RATE_HZ);
      numbers[to] = Math.round(endSeconds * FRAME_RATE_HZ);
      this.soundsEnd += SOUND_LENGTH;
    }
  }

  /**
   * @param beat of the frames that are kept
   * @param correlations autocorrelation of the same frames' envelopes by lag, in frames
   * @returns where the measures are in the module's memory, by {@link LIKENESS_MEASURES}
   */
  execute(beat: Beat | null, correlations: Float64Array): Address {
    const { kernel, kept } = this;
    const beatSeconds = beat === null ? 0 : 60 / beat.bpm;
    const measures = this.measureSounds(beatSeconds);
    measureLoudSounds(kept, measures + 8 * SOUND_MEASURES);
    const wave = sameWave(kept, Math.round(beatSeconds * kept.modelRateHz));
    const { numbers } = kernel;
    let to = measures / 8 + SOUND_MEASURES + LOUD_SOUND_MEASURES.length;
    numbers[to++] = beatSeconds;
    numbers[to++] = beat?.correlation ?? 0;
    numbers[to++] = beat?.echo ?? 0;
    numbers[to++] = beat === null ? 0 : secondSound(correlations, beat.lag);
    numbers[to] = wave;
    return measures;
  }

  reset(): void {
    this.soundsFrom = this.soundsEnd = 0;
  }

  /** @returns where all measures are */
  private measureSounds(beatSeconds: number): Address {
    const { kernel, kept, soundsFrom, soundsEnd } = this;
    // As in the decoder of heart sounds; see tools/quality/README.md.
    const expectedSystole = beatSeconds === 0 ? 0.3 : 0.131 + 0.2165 * beatSeconds;
    const work = kernel.work.room(8 * (3 * CONTEXT_FRAMES + 4 * 2 * KEPT_SOUNDS));
    const { address } = kept;
    const sounds = kernel.heartLikeness.of(this);
    const measures = sounds + 8 * SOUNDS_LENGTH;
    kernel.functions.soundMeasures(
      address,
      CONTEXT_FRAMES,
      sounds + 8 * soundsFrom,
      (soundsEnd - soundsFrom) / SOUND_LENGTH,
      expectedSystole,
      UNKNOWN_DEVIATION_SECONDS,
      UNKNOWN_SPREAD,
      work,
      measures,
    );
    return measures;
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
