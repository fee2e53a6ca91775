import type { ControllerStatus, HeartSoundMark } from '../../../bedside/bedside-status.js';
import type { TraceChunk } from '../../../bedside/screening-controller.js';
import type { StoredSession } from '../../../record/stored-session.js';
import type { ScreeningEvent } from '../../../screen/screening-events.js';
import { bandTileSeconds, traceTileSeconds } from '../../look-back-grid.js';
import type { LookBackNews, LookBackReach } from '../../look-back-messages.js';
import type { StoredSessions } from '../stored-sessions.js';
import type { BandTile } from './band-pyramid.js';
import { HeardEvents } from './heard-events.js';
import { SoundPyramids, type KeptTiles } from './sound-pyramids.js';
import { NO_BANDS, NO_TRACE, readBandTile, readTraceTile } from './stored-sound.js';
import type { TraceTile } from './trace-pyramid.js';

/**
 * Of a recording under way: at 1,000 Hz every sample of the last 8 minutes, bins of 4 ms of 17 minutes, of 16 ms of 70,
 * of 64 ms of 3 hours, of 0.3 s of 9, of 1 s of 18; 14 MiB at most. Tiles are made as time fills them.
 */
const RECORDING_TILES: KeptTiles = {
  trace: [512, 256, 256, 192, 128, 64, 32, 16],
  bands: [96, 96, 64, 64, 32, 16],
};
/** Of a preview, which is no recording, and of a recording that is stored: a quarter of that. What is older is read from the disk. */
const FEWER_TILES: KeptTiles = { trace: [128, 64, 64, 48, 32, 16, 8, 4], bands: [24, 24, 16, 16, 8, 4] };
/** Longer pieces than these are not read from the disk while a recording runs: the outline in memory has to do. */
const MOST_READ_SECONDS = 90;
/** What was written since a session was opened is in memory for longer than this. */
const REOPEN_MS = 60_000;

/**
 * Nobody looks back while samples come: they are put away once a second, all at once, which costs less than doing it at
 * every read of the line; and before anybody looks.
 */
const PUT_AWAY_SECONDS = 1;

interface Heard {
  readonly recording: number;
  readonly isPreview: boolean;
  readonly sound: SoundPyramids;
  readonly events: HeardEvents;
  session: string | null;
}

/**
 * What was heard since the recording began, to be looked back at, in a memory that does not grow with it. What its fine
 * levels have forgotten is read from the session, where one is written.
 */
export class LiveLookBack {
  /** The newest last: a recording, and the preview that follows it. */
  private heard: Heard[] = [];
  private deviceRateHz: number | null = null;
  /** Of the newest, what it has not put away yet. */
  private waiting: TraceChunk[] = [];
  private waitingSeconds = 0;
  private isDue = false;
  private opened:
    { readonly name: string; readonly atMs: number; readonly session: StoredSession } | undefined;

  /** @param sessions where recordings are stored, `null` where they are not */
  constructor(private readonly sessions: StoredSessions | null) {}

  /** @param recording its number, under which a `LiveView` with this status goes out */
  takeStatus(recording: number, { state, session, preview = null }: ControllerStatus): void {
    if (this.heard.at(-1)?.recording !== recording) {
      this.putAway();
      const isPreview = preview === 'listening';
      // Only a preview leaves the recording before it: of another patient's nothing stays once a new one begins.
      const kept = isPreview && state === 'stopped' ? this.heard.filter((heard) => !heard.isPreview) : [];
      const sound = new SoundPyramids(isPreview ? FEWER_TILES : RECORDING_TILES);
      this.heard = [...kept, { recording, isPreview, sound, events: new HeardEvents(), session: null }];
    }
    const recorded = this.heard.find(({ isPreview }) => !isPreview);
    if (recorded === undefined || session === null) return;
    recorded.session = session;
    recorded.sound.keepAtMost(FEWER_TILES);
  }

  takeTrace(chunk: TraceChunk): void {
    if (this.heard.length === 0) return;
    this.waiting.push(chunk);
    this.waitingSeconds += chunk.samples.length / chunk.sampleRateHz;
    if (this.waitingSeconds < PUT_AWAY_SECONDS || this.isDue) return;
    this.isDue = true;
    // Behind the window that these samples may complete.
    setImmediate(() => this.putAway());
  }

  private putAway(): void {
    const { waiting } = this;
    this.waiting = [];
    this.waitingSeconds = 0;
    this.isDue = false;
    const sound = this.heard.at(-1)?.sound;
    for (const { startSeconds, sampleRateHz, samples } of waiting) {
      sound?.push(startSeconds, sampleRateHz, samples);
    }
  }

  takeMarks(marks: readonly HeartSoundMark[]): void {
    this.heard.at(-1)?.events.sounds(marks);
  }

  takeEvent(event: ScreeningEvent): void {
    if (event.kind === 'device') this.deviceRateHz = event.sampleRateHz;
    const events = this.heard.at(-1)?.events;
    if (event.kind === 'window') events?.window(event);
    if (this.deviceRateHz === null) return;
    if (event.kind === 'gap') events?.gap(event, this.deviceRateHz);
    if (event.kind === 'status') events?.status(event, this.deviceRateHz);
  }

  /** @returns the recording of that number, `undefined` where nothing is known of it (any more) */
  of(recording: number): RecordingLookBack | undefined {
    this.putAway();
    const heard = this.heard.find((candidate) => candidate.recording === recording);
    if (heard === undefined) return undefined;
    return new RecordingLookBack(heard.sound, heard.events, heard.session, () => this.stored(heard));
  }

  /** The session as it lies on disk now, `null` where it cannot be read: the memory has to do then. */
  private async stored({ session: name }: Heard): Promise<StoredSession | null> {
    if (name === null || this.sessions === null) return null;
    const { opened } = this;
    if (opened?.name === name && performance.now() - opened.atMs < REOPEN_MS) return opened.session;
    const session = await this.sessions.open(name).catch(() => undefined);
    if (session === undefined) return null;
    this.opened = { name, atMs: performance.now(), session };
    return session;
  }
}

/** One recording to look back at. */
export class RecordingLookBack {
  constructor(
    private readonly sound: SoundPyramids,
    private readonly events: HeardEvents,
    private readonly session: string | null,
    private readonly stored: () => Promise<StoredSession | null>,
  ) {}

  get endSeconds(): number {
    return this.sound.endSeconds;
  }

  news(fromSeconds: number, toSeconds: number): LookBackNews {
    return { ...this.reach, ...this.events.between(fromSeconds, toSeconds, this.endSeconds) };
  }

  async trace(level: number, number: number): Promise<TraceTile> {
    const { trace, sampleRateHz } = this.sound;
    const isKept = trace.keeps(level, number);
    if (!isKept && this.isRead(traceTileSeconds(level, sampleRateHz))) {
      const session = await this.stored();
      if (session !== null) return readTraceTile(session, level, number);
    }
    return trace.tile(level, number) ?? NO_TRACE;
  }

  async bands(level: number, number: number): Promise<BandTile> {
    const { bands } = this.sound;
    if (!bands.keeps(level, number) && this.isRead(bandTileSeconds(level))) {
      const session = await this.stored();
      if (session !== null) return readBandTile(session, level, number);
    }
    return bands.tile(level, number) ?? NO_BANDS;
  }

  private isRead(seconds: number): boolean {
    return this.session !== null && seconds <= MOST_READ_SECONDS;
  }

  private get reach(): LookBackReach {
    const { sampleRateHz, endSeconds, keptFromSeconds } = this.sound;
    const trace = (from: number, level: number) =>
      this.isRead(traceTileSeconds(level, Math.max(1, sampleRateHz))) ? 0 : from;
    const bands = (from: number, level: number) => (this.isRead(bandTileSeconds(level)) ? 0 : from);
    return {
      sampleRateHz,
      endSeconds,
      keptFromSeconds: {
        trace: keptFromSeconds.trace.map(trace),
        bands: keptFromSeconds.bands.map(bands),
      },
      isStored: this.session !== null,
    };
  }
}
