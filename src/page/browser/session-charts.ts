import type { HeartSoundMark } from '../../bedside/bedside-status.js';
import type { LookBackReach } from '../look-back-messages.js';
import type { SessionPage } from '../session-pages.js';
import {
  askFor,
  NOTHING_TOLD,
  tilesBelow,
  type LookBackSource,
  type Told,
} from './look-back/look-back-source.js';
import { LookBackView } from './look-back/look-back-view.js';

/** Trace, spectrogram and window probabilities of a stored session: the view in which a live recording is looked back at. */
export class SessionCharts {
  private view: LookBackView | undefined;
  /** What is still being asked for is not wanted once this is gone. */
  private readonly ended = new AbortController();
  private readonly path: string;
  private told: Told = NOTHING_TOLD;

  constructor(
    private readonly session: SessionPage,
    private readonly box: HTMLElement,
    /** Told of each moment that is tapped. */
    private readonly onTap: (seconds: number) => void,
  ) {
    this.path = `/api/sessions/${encodeURIComponent(session.name)}`;
  }

  /** @returns the greatest amplitude */
  async load(): Promise<number> {
    const { signal } = this.ended;
    const reach = (await (await askFor(`${this.path}/look`, {}, signal)).json()) as LookBackReach;
    const { windows, gaps, noContact } = this.session;
    this.told = { marks: [], windows, windowStep: 1, gaps, noContact };
    this.view = new LookBackView(this.box, {
      source: this.source(reach),
      fromSeconds: 0,
      spanSeconds: Math.max(0.5, reach.endSeconds),
      takesWheel: false,
      onTap: this.onTap,
    });
    await this.view.complete();
    const { peak } = this.view;
    // One after the other: the server makes few of them at once.
    void this.loadSounds().catch((error: unknown) => {
      if (!signal.aborted) console.error(error);
    });
    return peak;
  }

  recolour(): void {
    this.view?.recolour();
  }

  /** Shows where the sound is, and turns the page where it plays beyond what is shown. */
  follow(seconds: number, isPlaying: boolean): void {
    this.view?.follow(seconds, isPlaying);
  }

  destroy(): void {
    this.ended.abort();
    this.view?.destroy();
  }

  /** First and second sounds, of which the view shows those where the signal is usable: a cycle is found in anything. */
  private async loadSounds(): Promise<void> {
    const response = await fetch(`${this.path}/sounds`, { signal: this.ended.signal });
    if (!response.ok) return;
    const marks = (await response.json()) as HeartSoundMark[];
    this.told = { ...this.told, marks };
    this.view?.invalidate();
  }

  private source(reach: LookBackReach): LookBackSource {
    const told = () => this.told;
    return {
      reach,
      get told() {
        return told();
      },
      ...tilesBelow(`${this.path}/look`),
      look: () => {},
      destroy: () => {},
    };
  }
}
