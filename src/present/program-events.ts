import type { PortDescription } from '../acquire/list-ports.js';
import type { SoundCard } from '../acquire/list-sound-cards.js';
import type { PublishEvent } from '../publish/publisher.js';
import type { WardEvent } from '../ward/ward.js';
import type { Damage } from '../record/check-integrity.js';
import type { SessionSummary } from '../record/list-sessions.js';
import type { Verification } from '../record/verify-session.js';
import type { ExaminationEvent } from '../screen/result-events.js';
import type { ScreeningEvent } from '../screen/screening-events.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import type { SimulatorEvent } from '../simulate/simulate.js';

/** Everything that a command tells: what a screening tells, and what the other commands find. */
export type ProgramEvent =
  | ScreeningEvent
  | ExaminationEvent
  | SessionEvent
  | VerificationEvent
  | RecoveryEvent
  | CheckEvent
  | PortEvent
  | SoundCardEvent
  | StethoscopeEvent
  | SimulatorNoteEvent
  | PublishEvent
  | WardEvent;

/** A stored session in short. */
export interface SessionEvent extends SessionSummary {
  readonly kind: 'session';
}

/** Whether a stored session comes out the same again. */
export interface VerificationEvent extends Pick<
  Verification,
  'outcome' | 'comparedWindows' | 'differences' | 'differenceCount' | 'notes'
> {
  readonly kind: 'verification';
  readonly directory: string;
  readonly droppedWindows: number;
  readonly damage: readonly Damage[];
}

/** What was mended in a stored session; nothing where it was whole. */
export interface RecoveryEvent {
  readonly kind: 'recovery';
  readonly directory: string;
  readonly done: readonly string[];
  readonly damage: readonly Damage[];
}

/** One thing that `lubdub doctor` tried. */
export interface CheckEvent {
  readonly kind: 'check';
  readonly name: string;
  readonly passed: boolean;
  /** What was found, or what is wrong and how to mend it. */
  readonly message: string;
}

/** A serial port of this machine. */
export interface PortEvent extends PortDescription {
  readonly kind: 'port';
}

/** A sound card of this machine that can record. */
export interface SoundCardEvent extends SoundCard {
  readonly kind: 'sound-card';
}

/** The profile of a stethoscope. */
export interface StethoscopeEvent extends Omit<StethoscopeProfile, 'profileVersion' | 'lubdub' | 'model'> {
  readonly kind: 'stethoscope';
  readonly path: string;
  readonly sha256: string;
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
}

/** What the simulated stethoscope does or suffers. */
export interface SimulatorNoteEvent {
  readonly kind: 'simulator';
  readonly event: Exclude<SimulatorEvent, { kind: 'device' }>;
}
