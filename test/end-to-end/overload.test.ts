import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { firstValueFrom } from 'rxjs';
import { openStethoscope } from '../../src/device/open-stethoscope.js';
import { Bedside, type BedsideOptions } from '../../src/bedside/bedside.js';
import { loadRecording } from '../../src/present/load-recording.js';
import { Screener, type ModelScorer } from '../../src/screen/screener.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { openSession } from '../../src/record/stored-session.js';
import { RecordingVerdict } from '../../src/verdict/recording-verdict.js';
import { readSignalQualityModel } from '../../src/window/signal-quality-model.js';
import type { SimulatedRecording } from '../../src/simulate/simulated-recording.js';
import { FaultyDisk } from '../support/disks.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { PluggedIn } from '../support/simulated-devices.js';
import type { FinalEvent, WindowEvent } from '../../src/screen/result-events.js';

/** The model on a machine that is too slow for it. */
class SlowScorer implements ModelScorer {
  readonly threadCount = 1;
  /** Calls that were not answered yet: the queue is before them. */
  underWay = 0;
  mostUnderWay = 0;
  calls = 0;

  constructor(
    private readonly fast: ModelScorer,
    private readonly delayMs: number,
  ) {}

  get model() {
    return this.fast.model;
  }

  async score(features: Float32Array): Promise<number> {
    this.calls++;
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    this.underWay--;
    return this.fast.score(features);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A device that cannot wait, faster than the machine: at twenty times real time, without credit. */
describe('a machine that is too slow for its device', function () {
  before(needPseudoTerminals);

  const SPEED = 20;
  let real: Screener;
  let recording: SimulatedRecording;
  let directory = '';
  let device: PluggedIn | undefined;
  before(async () => {
    real = await Screener.open('models/heart-sound.json', 1);
    const { samples, ...format } = await loadRecording('test/recordings/e01341.wav');
    // Twice, so that there are windows enough to be skipped.
    recording = { ...format, samples: Float64Array.from([...samples, ...samples]) };
  });
  after(() => real.close());
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'lubdub-overload-'))));
  afterEach(() => {
    device?.unplug();
    rmSync(directory, { recursive: true });
  });

  async function record(
    screener: Screener,
    options: Partial<BedsideOptions> = {},
    onEvent: (event: ScreeningEvent) => void = () => undefined,
  ) {
    const port = join(directory, 'stethoscope');
    device = new PluggedIn({ link: port, recording, speed: SPEED });
    const naming = { subject: null, site: null };
    const bedside = new Bedside({
      open: (stop$, credit) => openStethoscope({ port, stop$, credit }),
      screener,
      outDirectory: directory,
      configuration: {},
      naming,
      ...options,
    });
    const events: ScreeningEvent[] = [];
    bedside.events$.subscribe((event) => {
      events.push(event);
      onEvent(event);
    });
    const ended = firstValueFrom(bedside.ended$);
    await bedside.start(naming);
    const { final, error } = await ended;
    await bedside.close();
    expect(error).to.equal(undefined);
    return { final: final!, events, session: await openSession(sessionOf(events)) };
  }

  const sessionOf = (events: readonly ScreeningEvent[]): string => {
    const begun = events.find((event) => event.kind === 'recording' && event.state === 'begun');
    return begun?.kind === 'recording' ? begun.directory! : '';
  };

  async function expectEverySample(session: Awaited<ReturnType<typeof openSession>>): Promise<void> {
    expect(session.storedSamples).to.equal(recording.samples.length);
    expect(session.gaps).to.deep.equal([]);
    for await (const value of session.sampled()) {
      if (value.kind === 'gap') continue;
      const played = recording.samples.subarray(value.firstSample, value.firstSample + value.samples.length);
      expect(value.samples).to.deep.equal(played);
    }
  }

  it('skips the oldest waiting windows, counts them, judges without them, and stores every sample', async () => {
    const scorer = new SlowScorer(real.classifier, 250);
    const capacity = 3;
    const { final, events, session } = await record(new Screener(scorer, readSignalQualityModel()), {
      capacity,
    });
    const windows = events.filter((event): event is WindowEvent => event.kind === 'window');
    const skipped = windows.filter(({ dropped }) => dropped !== null);

    // In order, none lost: each window either came to the model or says that it did not.
    expect(windows.map(({ index }) => index)).to.deep.equal(windows.map((_, index) => index));
    expect(skipped.length).to.be.at.least(5);
    for (const { dropped, probability, logit } of skipped) {
      expect({ dropped, probability, logit }).to.deep.equal({
        dropped: 'overload',
        probability: null,
        logit: null,
      });
    }
    expect(scorer.calls).to.equal(windows.length - skipped.length);
    // What may be under way is bounded by the classifier, what may wait by the capacity.
    expect(scorer.mostUnderWay).to.be.at.most(2);
    // The newest win: of the last ones, as many as may wait are scored.
    expect(windows.slice(-capacity).map(({ dropped }) => dropped)).to.deep.equal([null, null, null]);

    expect(final).to.include({ windows: windows.length, droppedWindows: skipped.length, lostSamples: 0 });
    expectVerdictOf(
      final,
      windows.filter(({ dropped }) => dropped === null),
    );
    await expectEverySample(session);
    expect(session.result?.final).to.deep.equal({ ...final, file: basename(final.file) });
  });

  it('stores every sample on a disk that stalls, as long as its queue holds, and screens on meanwhile', async () => {
    const disk = new FaultyDisk();
    const stalls = setInterval(() => {
      disk.stall();
      setTimeout(() => disk.resume(), 150);
    }, 200);
    try {
      const { final, events, session } = await record(real, { storage: { fileSystem: disk } });
      expect(final).to.include({ droppedWindows: 0, lostSamples: 0 });
      expect(events.filter((event) => event.kind === 'recording').map(({ state }) => state)).to.deep.equal([
        'begun',
      ]);
      expect(session.state).to.equal('finished');
      await expectEverySample(session);
    } finally {
      clearInterval(stalls);
      disk.resume();
    }
  });

  it('holds no more for the disk than it may, says what is not stored, and screens all of it', async () => {
    const disk = new FaultyDisk();
    const maxQueuedBytes = 20_000;
    let windows = 0;
    const stallOnTheWay = (event: ScreeningEvent) => {
      if (event.kind !== 'window') return;
      if (windows === 0) disk.stall();
      if (windows === 9) disk.resume();
      windows++;
    };
    try {
      const { final, events, session } = await record(
        real,
        { storage: { fileSystem: disk, maxQueuedBytes } },
        stallOnTheWay,
      );
      expect(final).to.include({ droppedWindows: 0, lostSamples: 0 });
      expect(final.durationSeconds).to.be.closeTo(recording.samples.length / recording.sampleRateHz, 1e-9);
      const states = events.filter((event) => event.kind === 'recording').map(({ state }) => state);
      expect(states).to.include('behind');
      const { result, notStored } = session;
      expect(result?.notStored?.samples).to.be.above(0);
      expect(session.storedSamples + result!.notStored!.samples).to.equal(recording.samples.length);
      expect(notStored.reduce((sum, { arrivedSamples }) => sum + arrivedSamples, 0)).to.equal(
        result?.notStored?.samples,
      );
    } finally {
      disk.resume();
    }
  });

  /** The verdict is that of the scored windows alone. */
  function expectVerdictOf(final: FinalEvent, scored: readonly WindowEvent[]): void {
    const { verdict: rules, calibration } = real.model.contract;
    const verdict = new RecordingVerdict({ rules, calibration });
    for (const { index, startSeconds, endSeconds, logit, quality, usable, reasons } of scored) {
      verdict.push({
        kind: 'window',
        index,
        startSeconds,
        endSeconds,
        logit,
        dropped: null,
        heartRate: null,
        quality: { sqi: quality, usable, reasons },
      });
    }
    expect(final.probability).to.be.closeTo(verdict.final().probability!, 1e-12);
  }
});
