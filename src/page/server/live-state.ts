import { RecentHeartRate } from '../../heart/recent-heart-rate.js';
import type { ScreeningEvent, StatusEvent } from '../../screen/screening-events.js';
import type { GapView, LiveView, RecordedNaming } from '../page-messages.js';
import { NoContactTimes } from '../no-contact-times.js';
import type { StethoscopeStatus } from '../../bedside/fit-status.js';
import type { ControllerStatus, Naming, PreviewWindow } from '../../bedside/bedside-status.js';
import type { RhythmEvent, WindowEvent } from '../../screen/result-events.js';

/** A page shows half a minute at most; what is older is in the session. */
const WINDOWS_KEPT = 40;
const GAPS_KEPT = 40;
const NOTICES_KEPT = 5;
const NO_CONTACT_KEPT = 20;

/**
 * What is known of the recording under way, gathered from events; {@link view} is what a page shows. Its memory does
 * not grow with the recording.
 */
export class LiveState {
  private readonly heartRate = new RecentHeartRate();
  private contactTimes = new NoContactTimes();
  private readonly rhythm = new Map<RhythmEvent['notice'], string>();
  private state: Omit<LiveView, 'examination'> = nothingYet(0, {
    state: 'idle',
    site: null,
    subject: null,
    session: null,
  });

  get view(): Omit<LiveView, 'examination'> {
    return this.state;
  }

  /** Counts recordings; 0 before the first. */
  get recording(): number {
    return this.state.recording;
  }

  setStatus(status: ControllerStatus): void {
    const { state: before, preview: previously } = this.state.status;
    const begins = status.state === 'recording' && before !== 'recording';
    // Looking for a device may end in a recording or not: it has an account of its own as well.
    const searches = status.state === 'connecting' && before !== 'connecting';
    const isForgotten = status.state === 'idle' && before !== 'idle';
    if (searches || isForgotten || (begins && before !== 'connecting')) this.beginAnew(status);
    this.change({ status, recorded: this.recordedNow(status, begins) });
    this.followPreview(previously ?? null, status.preview ?? null);
    if (status.state === 'connecting' && this.state.connection.state === 'none') {
      this.change({ connection: { state: 'searching', message: null } });
    }
  }

  takePreview(preview: PreviewWindow): void {
    this.change({ preview });
  }

  takeStethoscope(stethoscope: StethoscopeStatus): void {
    this.change({ stethoscope });
  }

  /** What was recorded was corrected afterwards, or is gone. */
  amend(session: string, naming: Naming | null): void {
    if (this.state.recorded?.session !== session) return;
    this.change({ recorded: naming === null ? null : { ...naming, session } });
  }

  /** While it is recorded its name stands; what is named afterwards is for the next. */
  private recordedNow(
    { state, site, subject, session }: ControllerStatus,
    begins: boolean,
  ): RecordedNaming | null {
    const { recorded } = this.state;
    if (begins) return { site, subject, session };
    if (state === 'idle' || state === 'connecting') return null;
    return recorded === null ? null : { ...recorded, session: session ?? recorded.session };
  }

  push(event: ScreeningEvent): void {
    const { state } = this;
    switch (event.kind) {
      case 'device':
        return this.change({
          device: event,
          connection: { state: 'connected', message: null },
          // The result of a simulator may still be shown when another device is previewed.
          simulated: event.simulated === true || (state.final !== null && state.simulated),
        });
      case 'connection': {
        const state = event.state === 'waiting' ? 'searching' : 'lost';
        return this.change({ connection: { state, message: event.message }, contact: null, level: null });
      }
      case 'search': {
        if (event.chosen !== null) return;
        const message = event.ports.map((port) => `${port.path}: ${port.message}`).join('\n');
        return this.change({ connection: { state: 'searching', message: message === '' ? null : message } });
      }
      case 'status':
        return this.takeDeviceStatus(event);
      case 'level':
        return this.change({ level: event });
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
      case 'rhythm':
        return this.rhythmNotice(event);
      case 'recording':
        return event.state === 'begun' ? undefined : this.notice(event.message);
      case 'error':
        return this.change({ error: event.message });
      // What the wire cost is for logs.
      case 'line':
        return;
    }
  }

  /** A preview has a trace of its own, and no part in the recording whose result may still be shown. */
  private followPreview(before: ControllerStatus['preview'], now: ControllerStatus['preview']): void {
    if (now === before) return;
    const { recording } = this.state;
    if (now === 'listening') {
      this.contactTimes = new NoContactTimes();
      this.change({ recording: recording + 1, windows: [], gaps: [], noContact: [], preview: null });
    }
    this.change({ preview: null });
    if (now !== 'searching') return;
    const connection = { state: 'searching', message: null } as const;
    this.change({ connection, device: null, contact: null, batteryPercent: null });
  }

  private takeDeviceStatus({ contact, batteryPercent, atSample }: StatusEvent): void {
    const rate = this.state.device?.sampleRateHz;
    if (rate !== undefined && atSample !== undefined) this.contactTimes.push(atSample / rate, contact);
    const noContact = this.contactTimes.view(Infinity).slice(-NO_CONTACT_KEPT);
    this.change({ contact, batteryPercent, noContact });
  }

  private takeWindow(window: WindowEvent): void {
    const { state } = this;
    this.heartRate.push(window.heartRateBpm);
    this.change({
      windows: [...state.windows, window].slice(-WINDOWS_KEPT),
      droppedWindows: state.droppedWindows + (window.dropped === null ? 0 : 1),
      heartRateBpm: this.heartRate.estimate(),
    });
  }

  private notice(message: string): void {
    this.change({ notices: [...this.state.notices, message].slice(-NOTICES_KEPT) });
  }

  /** One of a kind, the latest: where every second beat is early, nothing else could be read. */
  private rhythmNotice({ notice, message }: RhythmEvent): void {
    const before = this.rhythm.get(notice);
    const sentence = `${message[0].toUpperCase()}${message.slice(1)}`;
    this.rhythm.set(notice, sentence);
    const notices = this.state.notices.filter((each) => each !== before);
    this.change({ notices: [...notices, sentence].slice(-NOTICES_KEPT) });
  }

  private beginAnew(status: ControllerStatus): void {
    // The device, its battery and its line outlast a recording.
    const { device, connection, batteryPercent, contact, recording, stethoscope } = this.state;
    const fresh = { ...nothingYet(recording + 1, status), stethoscope };
    const isConnected = connection.state === 'connected';
    this.heartRate.reset();
    this.contactTimes = new NoContactTimes();
    this.rhythm.clear();
    this.state = isConnected
      ? {
          ...fresh,
          device,
          connection,
          batteryPercent,
          contact,
          simulated: device?.simulated === true,
        }
      : fresh;
  }

  private change(change: Partial<Omit<LiveView, 'examination'>>): void {
    this.state = { ...this.state, ...change };
  }
}

function nothingYet(recording: number, status: ControllerStatus): Omit<LiveView, 'examination'> {
  return {
    recording,
    status,
    recorded: null,
    device: null,
    connection: { state: 'none', message: null },
    contact: null,
    batteryPercent: null,
    level: null,
    lostSamples: 0,
    droppedWindows: 0,
    heartRateBpm: null,
    windows: [],
    gaps: [],
    noContact: [],
    verdict: null,
    final: null,
    notices: [],
    error: null,
    preview: null,
    simulated: false,
    stethoscope: null,
  };
}
