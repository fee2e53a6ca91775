import { RecordingHeartRate } from '../heart/heart-rate-of-recording.js';
import type { ClassifiedWindow } from '../classify/classify-windows.js';
import type { Calibration, VerdictRules } from '../classify/model-contract.js';
import type { QualityReason } from '../window/window.js';
import { toProbability, verdictZones, zoneOf, type VerdictZones } from './evidence.js';
import type { FinalVerdict, VerdictReason, VerdictWord } from './verdict-reason.js';

export interface VerdictState {
  readonly verdict: VerdictWord;
  /** Calibrated probability of *abnormal*, `null` until a window was scored. */
  readonly probability: number | null;
  readonly reasons: readonly VerdictReason[];
  /** Seconds of the recording that at least one usable, scored window covers. */
  readonly usableSeconds: number;
}

/** A recording that has ended no longer listens. */
export interface FinalState extends VerdictState {
  readonly verdict: FinalVerdict;
}

export interface RecordingVerdictOptions {
  readonly rules: VerdictRules;
  readonly calibration: Calibration;
  /**
   * How far, in calibrated logits, the evidence must pass a limit before a rolling verdict changes. It keeps the
   * display from flickering and never touches the final verdict. Default 0.25.
   */
  readonly hysteresis?: number;
}

/** After so many times the seconds that would do, a signal that is still not usable is inconclusive, not early. */
const PATIENCE = 3;

/**
 * What speaks for a heart before anything was heard, in a window's likeness: a short recording, whose windows share most of what
 * they hear, is refused only where it is unlike a heart by more; see tools/quality/README.md.
 */
const HEART_CREDIT = 4;

/** The share of unusable windows from which a cause is named as a reason. */
const NAMED_CAUSE_SHARE = 0.25;

/**
 * Aggregates the windows of one recording to a verdict that can be read at any time; live and batch use the same
 * object.
 *
 * Evidence is the mean of the logits of usable windows weighted by their signal quality index, calibrated to a
 * probability (the aggregation that training optimises, see tools/README.md). Windows overlap, so what has been heard
 * is counted as the union of their seconds, not as their number. Where what has a beat in it is no heart, none of them is
 * usable. A recording with too few usable seconds, or of poor
 * quality on the whole, gets no class.
 */
export class RecordingVerdict {
  private readonly hysteresis: number;
  private readonly zones: VerdictZones;
  private weightedLogits = 0;
  private weights = 0;
  private allLogits = 0;
  private scored = 0;
  private usable = new CoveredSeconds();
  private heard = new CoveredSeconds();
  private droppedCount = 0;
  private windowCount = 0;
  private sqiSum = 0;
  private likenessSum = 0;
  private hummedCount = 0;
  private unusableCount = 0;
  private readonly heartRate = new RecordingHeartRate();
  private readonly causes = new Map<QualityReason, number>();
  private rolling: VerdictWord = 'listening';

  constructor(private readonly options: RecordingVerdictOptions) {
    this.hysteresis = options.hysteresis ?? 0.25;
    this.zones = verdictZones(options.rules.uncertain);
  }

  get windows(): number {
    return this.windowCount;
  }

  /** Windows that the model never saw for lack of time or by a fault. */
  get droppedWindows(): number {
    return this.droppedCount;
  }

  /** Mean signal quality index of all windows, `null` without any. */
  get quality(): number | null {
    return this.windowCount === 0 ? null : this.sqiSum / this.windowCount;
  }

  /** Beats a minute, `null` where no window heard a rate or most disagree. */
  get heartRateBpm(): number | null {
    return this.heartRate.estimate()?.bpm ?? null;
  }

  /** Calibrated probability of one window, as shown beside it. */
  windowProbability(logit: number): number {
    const { scale, offset } = this.options.calibration;
    return toProbability(scale * logit + offset);
  }

  push(window: ClassifiedWindow): VerdictState {
    this.windowCount++;
    this.heard.add(window.startSeconds, window.endSeconds);
    this.sqiSum += window.quality.sqi;
    if (window.quality.reasons.includes('mains-hum')) this.hummedCount++;
    this.likenessSum += window.quality.likeness ?? 0;
    if (window.dropped !== null) this.droppedCount++;
    this.heartRate.push(window.heartRate);
    if (!window.quality.usable) {
      this.unusableCount++;
      for (const cause of window.quality.reasons) this.causes.set(cause, (this.causes.get(cause) ?? 0) + 1);
    }
    if (window.logit !== null) {
      this.scored++;
      this.allLogits += window.logit;
      if (window.quality.usable) {
        this.weightedLogits += window.logit * window.quality.sqi;
        this.weights += window.quality.sqi;
        this.usable.add(window.startSeconds, window.endSeconds);
      }
    }
    const { minimumUsableSeconds } = this.options.rules;
    const usableSeconds = this.usableSeconds();
    const mayStillImprove =
      usableSeconds < minimumUsableSeconds && this.heard.seconds < PATIENCE * minimumUsableSeconds;
    if (mayStillImprove) {
      this.rolling = 'listening';
      return { probability: this.probability(), usableSeconds, verdict: 'listening', reasons: [] };
    }
    const now = this.decide(this.rolling);
    this.rolling = now.verdict;
    return now;
  }

  /** The verdict on all that was pushed; it does not depend on the order of rolling verdicts before it. */
  final(): FinalState {
    return this.decide('listening');
  }

  private decide(previous: VerdictWord): FinalState {
    const { rules } = this.options;
    const usableSeconds = this.usableSeconds();
    const evidence = this.evidence();
    const probability = this.probability();
    const isPoor = (this.quality ?? 0) < rules.minimumQuality;
    if (evidence === null || usableSeconds < rules.minimumUsableSeconds || isPoor) {
      return { probability, usableSeconds, verdict: 'inconclusive', reasons: this.reasonsForTooLittle() };
    }
    const verdict = this.zone(evidence, previous);
    const reasons = verdict === 'inconclusive' ? this.reasonsForUncertainty() : [];
    return { probability, usableSeconds, verdict, reasons };
  }

  /** Of what is no heart nothing is usable, however clean it is. */
  private usableSeconds(): number {
    return this.isNoHeart() ? 0 : this.usable.seconds;
  }

  private probability(): number | null {
    const evidence = this.evidence();
    return evidence === null ? null : toProbability(evidence);
  }

  /** What has a beat in it is, all usable windows together, no heart: see `HeartLikeness`. */
  private isNoHeart(): boolean {
    return this.likenessSum + HEART_CREDIT < 0;
  }

  /** Where the evidence lies; the zone that stands is wider by the hysteresis on both sides. */
  private zone(evidence: number, previous: VerdictWord): FinalVerdict {
    for (const { word, begin, end } of this.zones) {
      if (word !== previous) continue;
      if (evidence >= begin - this.hysteresis && evidence < end + this.hysteresis) return word;
    }
    return zoneOf(evidence, this.zones);
  }

  /** Calibrated logit of the recording; of all scored windows where none is usable. */
  private evidence(): number | null {
    const { scale, offset } = this.options.calibration;
    if (this.weights > 0) return scale * (this.weightedLogits / this.weights) + offset;
    if (this.scored > 0) return scale * (this.allLogits / this.scored) + offset;
    return null;
  }

  private reasonsForUncertainty(): VerdictReason[] {
    const hummed = this.hummedCount > NAMED_CAUSE_SHARE * this.windowCount;
    return hummed ? ['evidence-uncertain', 'mains-hum'] : ['evidence-uncertain'];
  }

  private reasonsForTooLittle(): VerdictReason[] {
    const reasons: VerdictReason[] = [];
    const tooShort = this.heard.seconds < this.options.rules.minimumUsableSeconds;
    reasons.push(tooShort ? 'too-short' : 'too-little-usable-signal');
    if (this.isNoHeart()) reasons.push('not-a-heart');
    const byCount = [...this.causes].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
    for (const [cause, count] of byCount) {
      if (count >= NAMED_CAUSE_SHARE * this.unusableCount) reasons.push(cause);
    }
    if (this.droppedCount > 0) reasons.push('windows-not-scored');
    return reasons;
  }
}

/** Seconds that intervals cover together; they come in the order of their starts. */
class CoveredSeconds {
  seconds = 0;
  private lastEnd = -Infinity;

  add(start: number, end: number): void {
    this.seconds += Math.max(0, end - Math.max(start, this.lastEnd));
    this.lastEnd = Math.max(this.lastEnd, end);
  }
}
