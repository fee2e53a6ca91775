import { expect } from 'chai';
import fc from 'fast-check';
import { LiveListening } from '../../src/listen/live-listening.js';
import { LivePlayout } from '../../src/listen/live-playout.js';
import { LIMIT } from '../../src/listen/peak-limiter.js';

const BLOCK = 128;
/** For long runs: less to compute than a usual card's. */
const CARD_HZ = 8000;

/** A sound card and a source, each with its clock, in made-up time. */
class Simulation {
  readonly listening: LiveListening;
  readonly heard: number[] = [];
  /** Behind the newest sample, whenever a block was rendered. */
  readonly behind: number[] = [];
  private sent = 0;
  private seconds = 0;

  constructor(
    readonly sourceHz: number,
    readonly signal: (index: number) => number,
    private readonly outputHz = 48_000,
    private readonly stream = 1,
  ) {
    this.listening = new LiveListening(outputHz);
  }

  get status() {
    return this.listening.status;
  }

  /**
   * @param pieceSeconds how much comes at once
   * @param drift by how much the source's clock is faster than the card's
   * @param delay of the piece that ends at that time, in seconds
   */
  run(
    seconds: number,
    {
      pieceSeconds = 0.1,
      drift = 0,
      delay = () => 0,
    }: { pieceSeconds?: number; drift?: number; delay?: (seconds: number) => number } = {},
  ): this {
    const until = this.seconds + seconds;
    const block = new Float32Array(BLOCK);
    while (this.seconds < until) {
      const piece = Math.round(pieceSeconds * this.sourceHz);
      for (;;) {
        const recorded = (this.sent + piece) / (this.sourceHz * (1 + drift));
        if (recorded + delay(recorded) > this.seconds) break;
        this.send(piece);
      }
      this.listening.render(block);
      this.heard.push(...block);
      this.behind.push(this.status.behindSeconds);
      this.seconds += BLOCK / this.outputHz;
    }
    return this;
  }

  send(count: number): void {
    const samples = Int16Array.from({ length: count }, (_, i) =>
      Math.round(32767 * this.signal(this.sent + i)),
    );
    this.listening.push({
      stream: this.stream,
      sampleRateHz: this.sourceHz,
      firstSample: this.sent,
      samples,
    });
    this.sent += count;
  }

  lose(count: number): void {
    this.sent += count;
  }
}

const tone =
  (hz: number, rateHz: number, amplitude = 0.5) =>
  (index: number) =>
    amplitude * Math.sin((2 * Math.PI * hz * index) / rateHz);

/** The largest step between neighbours: that of a tone is small, a click is a large one. */
const steepest = (samples: readonly number[]): number =>
  samples.reduce((most, value, i) => (i === 0 ? 0 : Math.max(most, Math.abs(value - samples[i - 1]))), 0);

describe('live sound', () => {
  for (const pieceSeconds of [0.016, 0.06, 0.1]) {
    it(`stays within 300 ms of a sample's arrival, in pieces of ${pieceSeconds} s, and drops nothing`, () => {
      const simulation = new Simulation(2000, tone(60, 2000)).run(60, { pieceSeconds });
      expect(simulation.status.state).to.equal('live');
      expect(simulation.status.droppedSeconds).to.equal(0);
      expect(Math.max(...simulation.behind.slice(4000))).to.be.below(0.25);
    });
  }

  for (const drift of [-0.0005, 0.0005, -0.005, 0.005]) {
    it(`follows a source whose clock is ${drift * 100} % off, without dropping or running dry`, () => {
      const simulation = new Simulation(2000, tone(60, 2000), CARD_HZ).run(60, { drift });
      const { droppedSeconds } = simulation.status;
      const blocks = (seconds: number) => Math.round((seconds * CARD_HZ) / BLOCK);
      simulation.run(240, { drift });
      expect(simulation.status.droppedSeconds).to.equal(droppedSeconds).and.equal(0);
      expect(simulation.behind.slice(blocks(60)).every((behind) => behind < 0.25 && behind > 0.012)).to.equal(
        true,
      );
      expect(
        simulation.heard
          .slice(60 * 48_000)
          .findIndex((_, i, all) => i % 800 === 0 && all.slice(i, i + 80).every((x) => x === 0)),
      ).to.equal(-1);
    });
  }

  it('finds its pace with a board that is 2 % off its rate', () => {
    for (const drift of [-0.02, 0.02]) {
      const simulation = new Simulation(2000, tone(60, 2000), CARD_HZ).run(120, { drift });
      const before = simulation.status.droppedSeconds;
      simulation.run(120, { drift });
      expect(simulation.status.droppedSeconds).to.equal(before);
      expect(before).to.be.below(2);
      expect(simulation.status.behindSeconds).to.be.below(0.3);
    }
  });

  // In larger pieces what is late catches up a look or two later.
  for (const { pieceSeconds, seconds } of [
    { pieceSeconds: 0.06, seconds: 5 },
    { pieceSeconds: 0.1, seconds: 10 },
  ]) {
    it(`gets a larger margin where sound comes late in pieces of ${pieceSeconds} s, and drops what came too late after a stall, counted`, () => {
      const simulation = new Simulation(2000, tone(60, 2000)).run(20, { pieceSeconds });
      // Nothing for three seconds, then all of it at once, as from a browser that was busy.
      const delay = (at: number) => (at > 20 && at < 23 ? 23 - at : 0);
      simulation.run(seconds, { pieceSeconds, delay });
      const { droppedSeconds, behindSeconds, state } = simulation.status;
      expect(state).to.equal('live');
      expect(droppedSeconds).to.be.within(2.4, 3);
      expect(behindSeconds).to.be.below(0.3);
    });
  }

  it('fades out before a hole and in behind it: silence in between, no click', () => {
    const simulation = new Simulation(2000, tone(60, 2000)).run(10);
    const usual = steepest(simulation.heard.slice(48_000));
    simulation.lose(400);
    simulation.run(5);
    expect(steepest(simulation.heard)).to.be.below(2 * usual);
    expect(simulation.status.droppedSeconds).to.equal(0);
    // The hole is 0.2 s; 10 ms at either end belong to fades, some to what the interpolator spreads.
    const silent = simulation.heard.slice(48_000).filter((value) => value === 0).length / 48_000;
    expect(silent).to.be.within(0.12, 0.5);
  });

  it('never clicks, whatever is lost, late or cut, and never exceeds the limit', () => {
    const usual = (0.5 * 2 * Math.PI * 60) / 48_000;
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            seconds: fc.double({ min: 0.01, max: 1.5, noNaN: true }),
            lost: fc.oneof(fc.constant(0), fc.nat(6000)),
            late: fc.double({ min: 0, max: 1.5, noNaN: true }),
            filter: fc.constantFrom('wide' as const, 'bell' as const),
            half: fc.boolean(),
          }),
          { maxLength: 5 },
        ),
        (steps) => {
          const simulation = new Simulation(2000, tone(60, 2000, 0.5)).run(1);
          for (const { seconds, lost, late, filter, half } of steps) {
            simulation.lose(lost);
            simulation.listening.set(filter, 0);
            simulation.listening.half(half);
            simulation.run(seconds, { delay: () => late });
          }
          expect(steepest(simulation.heard)).to.be.below(2 * usual);
          expect(simulation.heard.every((value) => Math.abs(value) <= LIMIT)).to.equal(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is 30 dB louder on demand, and limited', () => {
    const rms = (gainDb: number, amplitude: number) => {
      const simulation = new Simulation(2000, tone(100, 2000, amplitude));
      simulation.listening.set('wide', gainDb);
      const heard = simulation.run(3).heard.slice(96_000);
      return Math.sqrt(heard.reduce((sum, x) => sum + x * x, 0) / heard.length);
    };
    expect(20 * Math.log10(rms(30, 0.02) / rms(0, 0.02))).to.be.closeTo(30, 0.05);
    expect(rms(30, 0.5)).to.be.within(0.55, LIMIT);
    // No knob turns further.
    expect(20 * Math.log10(rms(90, 0.02) / rms(0, 0.02))).to.be.closeTo(30, 0.05);
  });

  it('plays the last ten seconds at half speed, an octave lower, then goes on live', () => {
    const simulation = new Simulation(2000, tone(100, 2000)).run(15);
    simulation.listening.half(true);
    simulation.run(19);
    expect(simulation.status.state).to.equal('half');
    const heard = simulation.heard.slice(-48_000);
    const crossings = heard.filter((value, i) => i > 0 && value >= 0 && heard[i - 1] < 0).length;
    expect(crossings).to.be.within(49, 51);
    simulation.run(2);
    expect(simulation.status.state).to.equal('live');
    expect(simulation.status.behindSeconds).to.be.below(0.3);
    expect(simulation.status.droppedSeconds).to.equal(0);
  });

  it('replays whenever it is asked to, however the sound came before and comes meanwhile', () => {
    const late = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        late,
        fc.nat(4000),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        late,
        (before, lost, wait, after) => {
          const simulation = new Simulation(2000, tone(100, 2000), CARD_HZ).run(12);
          simulation.lose(lost);
          simulation.run(wait, { delay: () => before });
          simulation.listening.half(true);
          simulation.run(15, { delay: (seconds) => (seconds % 3 < 1.5 ? after : 0) });
          expect(simulation.status.state).to.equal('half');
        },
      ),
      { numRuns: 30 },
    );
  });

  it('says that it waits where nothing comes, and begins with what comes next', () => {
    const simulation = new Simulation(2000, tone(60, 2000));
    expect(simulation.status).to.include({ state: 'waiting', position: 0, droppedSeconds: 0 });
    simulation.run(5).run(2, { delay: () => 100 });
    expect(simulation.status.state).to.equal('waiting');
    expect(simulation.heard.slice(-4800).every((value) => value === 0)).to.equal(true);
  });

  it('takes another stream, rate or axis in its stride', () => {
    const listening = new LiveListening(44_100);
    const block = new Float32Array(4410);
    for (const [stream, sampleRateHz, firstSample] of [
      [1, 2000, 0],
      [2, 8000, 1e10],
      [3, 5512.5, 0],
    ]) {
      const samples = new Int16Array(Math.ceil(sampleRateHz * 0.5)).fill(1000);
      listening.push({ stream, sampleRateHz, firstSample, samples });
      listening.render(block);
      expect(listening.status).to.include({ stream, state: 'live' });
      expect(block.every((value) => Number.isFinite(value))).to.equal(true);
    }
  });

  it('counts as dropped neither holes nor what came before anybody listened', () => {
    const playout = new LivePlayout(1000, 0, 'wide');
    playout.push(0, new Float32Array(5000));
    expect(playout.droppedSamples).to.equal(0);
    playout.push(9000, new Float32Array(1000));
    // What was left to be heard, and what is too old of the new; the 4,000 that are missing are not.
    const first = 290;
    expect(playout.startSamples).to.equal(first);
    expect(playout.droppedSamples).to.equal(first + 1000 - first);
  });
});
