import { RecordingVerdict } from '../../verdict/recording-verdict.js';
import type { ScreeningEvent, WindowEvent } from '../../screen/screening-events.js';
import type { GapView, LiveView, PageFacts } from '../page-messages.js';
import type { ControllerStatus } from '../../bedside/bedside-status.js';

/** A page shows half a minute at most; what is older is in the session. */
const WINDOWS_KEPT = 40;
const GAPS_KEPT = 40;
const NOTICES_KEPT = 5;

/**
 * What is known of the recording under way, gathered from events; {@link view} is what a page shows. Its memory does
 * not grow with the recording.
 *
 * Verdict events tell when the verdict changes. The figures between two changes (probability, usable seconds) come
 * from the same aggregation over the same windows, so that the page can say how much is still missing.
 */
export class LiveState {
  private state: Omit<LiveView, 'examination'>;
  private figures: RecordingVerdict;

  constructor(private readonly rules: PageFacts['rules']) {
    this.state = nothingYet(0, { state: 'idle', site: null, subject: null, session: null });
    this.figures = this.newFigures();
  }

  get view(): Omit<LiveView, 'examination'> {
    return this.state;
  }

  /** Counts recordings; 0 before the first. */
  get recording(): number {
    return this.state.recording;
  }

  setStatus(status: ControllerStatus): void {
    const { state: before } = this.state.status;
    const begins = status.state === 'recording' && before !== 'recording';
    // Looking for a device may end in a recording or not: it has an account of its own as well.
    const searches = status.state === 'connecting' && before !== 'connecting';
    const isForgotten = status.state === 'idle' && before !== 'idle';
    if (searches || isForgotten || (begins && before !== 'connecting')) this.beginAnew(status);
    this.change({ status });
    if (status.state === 'connecting' && this.state.connection.state === 'none') {
      this.change({ connection: { state: 'searching', message: null } });
    }
  }

  push(event: ScreeningEvent): void {
    const { state } = this;
    switch (event.kind) {
      case 'device':
        return this.change({ device: event, connection: { state: 'connected', message: null } });
      case 'connection':
        return this.change({
          connection: { state: 'lost', message: event.message },
          contact: null,
        });
      case 'search': {
        if (event.chosen !== null) return;
        const message = event.ports.map((port) => `${port.path}: ${port.message}`).join('\n');
        return this.change({ connection: { state: 'searching', message: message === '' ? null : message } });
      }
      case 'status':
        return this.change({ contact: event.contact, batteryPercent: event.batteryPercent });
      case 'window':
        return this.takeWindow(event);
      case 'gap': {
        const lostSamples = state.lostSamples + event.lostSamples;
        const rate = state.device?.sampleRateHz;
        if (rate === undefined) return this.change({ lostSamples });
        const gap: GapView = {
          fromSeconds: event.atSample / rate,
          toSeconds: (event.atSample + event.lostSamples) / rate,
          lostSamples: event.lostSamples,
          cause: event.cause,
        };
        return this.change({ lostSamples, gaps: [...state.gaps, gap].slice(-GAPS_KEPT) });
      }
      case 'verdict':
        return this.change({ verdict: event });
      case 'final': {
        const { lostSamples, droppedWindows, heartRateBpm } = event;
        return this.change({ final: event, lostSamples, droppedWindows, heartRateBpm });
      }
      case 'notice':
        return this.notice(event.message);
      case 'recording':
        return event.state === 'begun' ? undefined : this.notice(event.message);
      case 'error':
        return this.change({ error: event.message });
      // What the wire cost is for logs.
      case 'line':
        return;
    }
  }

  private takeWindow(window: WindowEvent): void {
    const { probability, quality, usable, reasons } = window;
    const figures = this.figures.push({
      kind: 'window',
      index: window.index,
      startSeconds: window.startSeconds,
      endSeconds: window.endSeconds,
      quality: { sqi: quality, usable, reasons },
      heartRate: null,
      logit: probability === null ? null : toLogit(probability),
      dropped: null,
    });
    const { state } = this;
    this.change({
      windows: [...state.windows, window].slice(-WINDOWS_KEPT),
      droppedWindows: state.droppedWindows + (window.dropped === null ? 0 : 1),
      heartRateBpm: window.heartRateBpm,
      verdict: {
        kind: 'verdict',
        verdict: state.verdict?.verdict ?? 'listening',
        reasons: state.verdict?.reasons ?? [],
        probability: figures.probability,
        usableSeconds: figures.usableSeconds,
      },
    });
  }

  private notice(message: string): void {
    this.change({ notices: [...this.state.notices, message].slice(-NOTICES_KEPT) });
  }

  private beginAnew(status: ControllerStatus): void {
    // The device, its battery and its line outlast a recording.
    const { device, connection, batteryPercent, contact, recording } = this.state;
    const fresh = nothingYet(recording + 1, status);
    const isConnected = connection.state === 'connected';
    this.state = isConnected ? { ...fresh, device, connection, batteryPercent, contact } : fresh;
    this.figures = this.newFigures();
  }

  private newFigures(): RecordingVerdict {
    return new RecordingVerdict({
      // Only figures are taken from it, so that the rules for a verdict's word do not matter here.
      rules: {
        aggregation: 'quality-weighted-mean-logit',
        abnormalAtLeast: 0.5,
        minimumQuality: 0,
        ...this.rules,
      },
      // Window probabilities are calibrated already.
      calibration: { type: 'platt', scale: 1, offset: 0 },
    });
  }

  private change(change: Partial<Omit<LiveView, 'examination'>>): void {
    this.state = { ...this.state, ...change };
  }
}

/** A probability that was rounded to 0 or 1 counts as very sure, not as infinitely sure. */
function toLogit(probability: number): number {
  const finite = Math.min(1 - 1e-12, Math.max(1e-12, probability));
  return Math.log(finite / (1 - finite));
}

function nothingYet(recording: number, status: ControllerStatus): Omit<LiveView, 'examination'> {
  return {
    recording,
    status,
    device: null,
    connection: { state: 'none', message: null },
    contact: null,
    batteryPercent: null,
    lostSamples: 0,
    droppedWindows: 0,
    heartRateBpm: null,
    windows: [],
    gaps: [],
    verdict: null,
    final: null,
    notices: [],
    error: null,
  };
}
