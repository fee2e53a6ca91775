import type { JoiningRules } from '../verdict/joint-evidence.js';
import type { DeviceEvent, LevelEvent } from '../screen/screening-events.js';
import type { ControllerStatus, HeartSoundMark, Naming, PreviewWindow } from '../bedside/bedside-status.js';
import type { StethoscopeStatus } from '../bedside/fit-status.js';
import type { Correction } from '../record/session-corrections.js';
import type { Examination } from '../verdict/examination.js';
import type { FalseAlarms } from '../verdict/verdict-words.js';
import type { NoContactView } from './no-contact-times.js';
import type { FinalEvent, VerdictEvent, WindowEvent } from '../screen/result-events.js';

/**
 * What goes over the WebSocket between the page and its server. The server tells all that is known as one whole
 * (`view`), so that a page that missed something, or was opened late, is right again with the next message.
 */

export type ConnectionState = 'none' | 'searching' | 'connected' | 'lost';

export interface GapView {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly lostSamples: number;
  readonly cause: string;
}

/** All that the page shows beside the trace. A figure that is not known is `null`, never 0. */
export interface LiveView {
  /** Counts recordings; the trace's frames name theirs. */
  readonly recording: number;
  readonly status: ControllerStatus;
  /** What the recording under way, or else the last one, is of; `status` names the next. `null` before the first. */
  readonly recorded: RecordedNaming | null;
  readonly device: DeviceEvent | null;
  readonly connection: { readonly state: ConnectionState; readonly message: string | null };
  readonly contact: boolean | null;
  readonly batteryPercent: number | null;
  /** Of a source that has a gain to set, else `null`. */
  readonly level: LevelEvent | null;
  readonly lostSamples: number;
  readonly droppedWindows: number;
  /** Joined over the last windows; of the whole recording once it has its result. */
  readonly heartRateBpm: number | null;
  /** The newest last. */
  readonly windows: readonly WindowEvent[];
  readonly gaps: readonly GapView[];
  /** The newest last. */
  readonly noContact: readonly NoContactView[];
  readonly verdict: VerdictEvent | null;
  readonly final: FinalEvent | null;
  /** What a person should know, the newest last. */
  readonly notices: readonly string[];
  readonly error: string | null;
  /** The newest window of what is previewed, `null` where nothing is; see `status.preview`. */
  readonly preview: PreviewWindow | null;
  /** What is shown is of a simulator: nobody was listened to. */
  readonly simulated: boolean;
  /** Of the present subject; `null` without a subject or before its first result. */
  readonly examination: Examination | null;
  /** The stethoscope's profile and how its fit goes on; `null` where none can be fitted from the page. */
  readonly stethoscope: StethoscopeStatus | null;
}

export interface RecordedNaming extends Naming {
  /** Folder name, `null` where it is not stored. */
  readonly session: string | null;
}

/** What does not change while the server runs. */
export interface PageFacts {
  readonly version: string;
  readonly rules: JoiningRules;
  readonly model: { readonly name: string; readonly version: string } | null;
  /** What an unknown stethoscope has to expect, `null` where the model's contract does not tell. */
  readonly falseAlarms: FalseAlarms | null;
  /** Whether sessions are stored, and so can be listed. */
  readonly hasSessions: boolean;
}

export type ServerMessage =
  | { readonly type: 'facts'; readonly facts: PageFacts }
  | { readonly type: 'view'; readonly view: LiveView }
  | { readonly type: 'marks'; readonly recording: number; readonly marks: readonly HeartSoundMark[] }
  /** Parts of the trace that this page was too slow for. */
  | { readonly type: 'skipped'; readonly traceFrames: number }
  | { readonly type: 'reply'; readonly id: number; readonly message: string | null };

/** What a page may ask for; `reply` answers with the same `id` and, where it was refused, why. */
export type PageCommand =
  | ({ readonly id: number; readonly command: 'start' | 'name' } & Naming)
  | { readonly id: number; readonly command: 'stop' | 'discard' }
  /** Of a stored session; what is absent stays. */
  | ({ readonly id: number; readonly command: 'correct'; readonly session: string } & Correction)
  | { readonly id: number; readonly command: 'delete'; readonly session: string }
  | FitCommand
  /**
   * Live sound for this page, or no more of it; said again twice a second while it listens, with how many samples it has
   * got since it began. A page that has not got what was sent gets no more until it has, and what comes meanwhile is
   * dropped for it. Sound comes as binary messages, see `SoundFrame`.
   */
  | {
      readonly id: number;
      readonly command: 'listen';
      readonly isOn: boolean;
      /** 0 begins anew. */
      readonly receivedSamples: number;
    };

/** What a page may ask for of a stethoscope's profile; see `FittingController`. */
export type FitCommand =
  /** Begins a fit; `keep` keeps its recordings as sessions. */
  | { readonly id: number; readonly command: 'fit'; readonly name: string; readonly keep: boolean }
  | {
      readonly id: number;
      readonly command:
        'fit-record' | 'fit-stop' | 'fit-next' | 'fit-leave-out' | 'fit-finish' | 'fit-cancel';
    }
  /** Of the stethoscope that answers. */
  | { readonly id: number; readonly command: 'remove-profile'; readonly name: string };

const TRACE_HEADER_BYTES = 24;

/**
 * A piece of the trace. On the wire, little-endian: u32 recording, u32 sample rate in Hz, f64 start in seconds,
 * u8 kind 0 (1 is sound, see `SoundFrame`), seven reserved bytes, then float32 samples.
 */
export interface TraceFrame {
  readonly recording: number;
  readonly sampleRateHz: number;
  readonly startSeconds: number;
  readonly samples: Float32Array;
}

export function encodeTraceFrame(frame: TraceFrame): Uint8Array {
  const bytes = new Uint8Array(TRACE_HEADER_BYTES + 4 * frame.samples.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, frame.recording, true);
  view.setUint32(4, frame.sampleRateHz, true);
  view.setFloat64(8, frame.startSeconds, true);
  for (let i = 0, at = TRACE_HEADER_BYTES; i < frame.samples.length; i++, at += 4) {
    view.setFloat32(at, frame.samples[i], true);
  }
  return bytes;
}

/** @throws RangeError for what is no frame */
export function decodeTraceFrame(buffer: ArrayBuffer): TraceFrame {
  const view = new DataView(buffer);
  const samples = new Float32Array((buffer.byteLength - TRACE_HEADER_BYTES) / 4);
  for (let i = 0, at = TRACE_HEADER_BYTES; i < samples.length; i++, at += 4) {
    samples[i] = view.getFloat32(at, true);
  }
  return {
    recording: view.getUint32(0, true),
    sampleRateHz: view.getUint32(4, true),
    startSeconds: view.getFloat64(8, true),
    samples,
  };
}
