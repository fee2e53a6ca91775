/** What a channel looks like, the best first. */
const STATES = ['live', 'clipped', 'silent', 'flat', 'unusable'] as const;
type ChannelState = (typeof STATES)[number];

/** So much below the strongest channel, a channel holds nothing but what leaks into an open input. */
const SILENT_DB = 30;
/** What a clipped channel's level says too much, so that a quiet heart beside it is not taken for silence. */
const CLIPPED_DB = 20;
/** Share of samples at a channel's own two extremes, and the distance of these, from where on it is clipped. */
const CLIPPED_SHARE = 0.05;
const CLIPPED_SPAN = 0.25;
/** Amplitudes beyond come from bytes that are no samples. */
const MAX_MAGNITUDE = 2 ** 31;

export interface ChosenChannel {
  /** 0 for the first. */
  readonly index: number;
  /** Of the channels before it that were passed over: what was wrong with each. */
  readonly passedOver: readonly ChannelState[];
}

/**
 * Chooses which of several channels to screen, from their beginning: the first, unless it is dead (flat, silent beside
 * the others, clipped, or no numbers) and another is not.
 *
 * A channel's level is the median over seconds of the power about their mean: neither an offset nor a knock counts.
 */
export class ChannelChoice {
  private readonly meters: ChannelMeter[];

  /** @param sampleRateHz of all channels; a second is what levels are taken over */
  constructor(channels: number, sampleRateHz: number) {
    this.meters = Array.from({ length: channels }, () => new ChannelMeter(sampleRateHz));
  }

  /** @param blocks the next samples of every channel; any lengths give the same choice */
  push(blocks: readonly Float64Array[]): void {
    blocks.forEach((block, channel) => this.meters[channel].push(block));
  }

  decide(): ChosenChannel {
    const levels = this.meters.map((meter) => meter.levelDb - (meter.isClipped ? CLIPPED_DB : 0));
    const strongest = Math.max(...levels.filter((level) => !Number.isNaN(level)));
    const states = this.meters.map((meter, channel): ChannelState => {
      if (meter.isUnusable) return 'unusable';
      if (meter.isFlat) return 'flat';
      if (levels[channel] < strongest - SILENT_DB) return 'silent';
      return meter.isClipped ? 'clipped' : 'live';
    });
    const ranks = states.map((state) => STATES.indexOf(state));
    const index = ranks.indexOf(Math.min(...ranks));
    return { index, passedOver: states.slice(0, index) };
  }
}

/** Of one channel: how loud it is, and how often it stands at an extreme. */
class ChannelMeter {
  private readonly frameSamples: number;
  private readonly framePowers: number[] = [];
  private origin = 0;
  private sum = 0;
  private sumOfSquares = 0;
  private inFrame = 0;
  private count = 0;
  private most = -Infinity;
  private least = Infinity;
  private atMost = 0;
  private atLeast = 0;
  isUnusable = false;

  constructor(frameSamples: number) {
    this.frameSamples = frameSamples;
  }

  get isFlat(): boolean {
    return this.most === this.least;
  }

  get isClipped(): boolean {
    const share = (this.atMost + this.atLeast) / this.count;
    return this.most - this.least >= CLIPPED_SPAN && share >= CLIPPED_SHARE;
  }

  /** Relative to full scale; NaN where it is no number, -Infinity where flat. */
  get levelDb(): number {
    if (this.isUnusable) return NaN;
    const powers = [...this.framePowers];
    // What is left of a second says little, unless there is nothing else.
    if (this.inFrame >= this.frameSamples / 2 || powers.length === 0) powers.push(this.framePower);
    powers.sort((a, b) => a - b);
    return 10 * Math.log10(powers[Math.floor(powers.length / 2)]);
  }

  push(block: Float64Array): void {
    for (let i = 0; i < block.length; i++) {
      const sample = block[i];
      if (!(Math.abs(sample) <= MAX_MAGNITUDE)) this.isUnusable = true;
      if (sample > this.most) {
        this.most = sample;
        this.atMost = 0;
      }
      if (sample < this.least) {
        this.least = sample;
        this.atLeast = 0;
      }
      if (sample === this.most) this.atMost++;
      if (sample === this.least) this.atLeast++;
      // Sums about the frame's first sample: an offset would otherwise take the digits of a faint signal.
      if (this.inFrame === 0) this.origin = sample;
      const deviation = sample - this.origin;
      this.sum += deviation;
      this.sumOfSquares += deviation * deviation;
      this.inFrame++;
      if (this.inFrame === this.frameSamples) this.endFrame();
    }
    this.count += block.length;
  }

  private get framePower(): number {
    const mean = this.sum / this.inFrame;
    return Math.max(0, this.sumOfSquares / this.inFrame - mean * mean);
  }

  private endFrame(): void {
    this.framePowers.push(this.framePower);
    this.sum = 0;
    this.sumOfSquares = 0;
    this.inFrame = 0;
  }
}
