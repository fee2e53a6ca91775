import type { Classified, ClassifiedWindow } from '../classify/classify-windows.js';
import type { Gap } from '../decode/samples.js';
import {
  RecordingVerdict,
  type FinalState,
  type RecordingVerdictOptions,
  type VerdictState,
} from './recording-verdict.js';

/** A window with its calibrated probability, as it goes out. */
export interface JudgedWindow {
  readonly kind: 'window';
  readonly window: ClassifiedWindow;
  /** Of *abnormal*; `null` where the window was not scored. */
  readonly probability: number | null;
}

export interface VerdictChange extends VerdictState {
  readonly kind: 'verdict';
}

/** What is known of a recording once its last window is in. */
export interface RecordingOutcome extends FinalState {
  readonly kind: 'outcome';
  readonly windows: number;
  readonly droppedWindows: number;
  readonly quality: number | null;
  /** Of the whole recording, `null` where no window heard a rate or most disagree. */
  readonly heartRateBpm: number | null;
  readonly lostSamples: number;
}

export type Judged = JudgedWindow | VerdictChange | Gap | RecordingOutcome;

/** What is told of one recording as its windows come in: the plain object beneath `aggregateVerdict`. */
export class VerdictLog {
  private readonly recording: RecordingVerdict;
  private shown: VerdictState | undefined;
  private lostSamples = 0;

  constructor(options: RecordingVerdictOptions) {
    this.recording = new RecordingVerdict(options);
  }

  /** @param tell told a gap as it is; a window with its probability, then the verdict where it changed in anything */
  push(value: Classified, tell: (judged: Exclude<Judged, RecordingOutcome>) => void): void {
    if (value.kind === 'gap') {
      this.lostSamples += value.lostSamples;
      tell(value);
      return;
    }
    const { recording } = this;
    const state = recording.push(value);
    const probability = value.logit === null ? null : recording.windowProbability(value.logit);
    tell({ kind: 'window', window: value, probability });
    if (this.shown !== undefined && isSame(this.shown, state)) return;
    this.shown = state;
    const { verdict, probability: ofAll, reasons, usableSeconds } = state;
    tell({ kind: 'verdict', verdict, probability: ofAll, reasons, usableSeconds });
  }

  /** What is known once the last window is in. */
  outcome(): RecordingOutcome {
    const { recording, lostSamples } = this;
    const { windows, droppedWindows, quality, heartRateBpm } = recording;
    return {
      kind: 'outcome',
      ...recording.final(),
      windows,
      droppedWindows,
      quality,
      heartRateBpm,
      lostSamples,
    };
  }
}

const isSame = (a: VerdictState, b: VerdictState): boolean =>
  a.verdict === b.verdict &&
  a.probability === b.probability &&
  a.usableSeconds === b.usableSeconds &&
  a.reasons.length === b.reasons.length &&
  a.reasons.every((reason, i) => reason === b.reasons[i]);
