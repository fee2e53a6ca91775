import { fitProfile, type HealthyRecording, type ProfileCircumstances } from '../calibrate/fit-profile.js';
import { healthyRecording } from '../calibrate/healthy-recordings.js';
import { ConfigurationError } from '../errors.js';
import type { FinalEvent } from '../screen/result-events.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import type { FitRecording } from './fit-status.js';

interface Heard {
  readonly person: number;
  readonly recording: HealthyRecording;
  readonly shown: FitRecording;
  /** Where it is stored, if anywhere. */
  readonly directory: string | null;
}

/** The people whom one stethoscope is fitted on, one after the other, each with one recording or several. */
export class StethoscopeFit {
  private heard: Heard[] = [];
  private current = 1;

  /** Who is listened to, or is the next; from 1. */
  get person(): number {
    return this.current;
  }

  /** People with a usable recording. */
  get persons(): number {
    return new Set(this.heard.filter(({ shown }) => shown.isUsable).map(({ person }) => person)).size;
  }

  get recordings(): FitRecording[] {
    return this.heard.map(({ shown }) => shown);
  }

  /** @param directory where it is stored, if anywhere */
  add(final: FinalEvent, noiseFloorDb: number | null, directory: string | null): void {
    const { current: person } = this;
    const recording = healthyRecording(`person ${person}`, final, noiseFloorDb);
    const isUsable = recording.evidence !== null;
    const { usableSeconds } = recording;
    // Of a usable one nothing is told: its reasons say where it stands between the classes.
    const reasons = isUsable ? [] : final.reasons;
    this.heard.push({ person, recording, directory, shown: { person, isUsable, usableSeconds, reasons } });
  }

  /** @throws ConfigurationError where the present one has no usable recording */
  next(): void {
    if (this.heard.some(({ person, shown }) => person === this.current && shown.isUsable)) {
      this.current++;
      return;
    }
    throw new ConfigurationError(
      `colleague ${this.current} has no usable recording yet; record again, or leave this colleague out`,
    );
  }

  /**
   * Forgets the recordings of the one who is listened to; the next has the same number.
   *
   * @returns where they are stored
   */
  leaveOut(): string[] {
    const gone = this.heard.filter(({ person }) => person === this.current);
    this.heard = this.heard.filter(({ person }) => person !== this.current);
    return gone.flatMap(({ directory }) => directory ?? []);
  }

  /** @throws ConfigurationError for fewer than three people with usable recordings */
  profile(circumstances: ProfileCircumstances): StethoscopeProfile {
    return fitProfile(
      this.heard.map(({ recording }) => recording),
      circumstances,
    );
  }
}
