import { expect } from 'chai';
import { Subject } from 'rxjs';
import type { SoundCard } from '../../src/acquire/list-sound-cards.js';
import type { Gap, SampleChunk } from '../../src/decode/samples.js';
import { openSoundCard, type SoundCardOptions } from '../../src/device/open-sound-card.js';
import type { SampleSourceEvent } from '../../src/device/open-sample-source.js';
import { ConfigurationError, PortError } from '../../src/errors.js';
import { until } from '../support/until.js';
import { isAlive, isZombie, soundCard, StandInSoundCard } from '../support/stand-in-sound-card.js';

const RATE_HZ = 8000;
/** Sample k of the stand-in is k, up to four seconds, and then again. */
const ramp = Int16Array.from({ length: 60 * RATE_HZ }, (_, i) => i % 32_000);

describe('openSoundCard', function () {
  const cleanUps: (() => void)[] = [];
  before(function () {
    if (process.platform === 'win32') this.skip();
  });
  afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

  function listen(
    plan: string,
    options: Partial<SoundCardOptions> = {},
    environment: NodeJS.ProcessEnv = {},
  ) {
    const card = new StandInSoundCard(ramp, plan, environment);
    card.install();
    const events: SampleSourceEvent[] = [];
    const state: { error?: unknown; complete?: boolean } = {};
    const stop$ = new Subject<void>();
    const subscription = openSoundCard({
      card: 'auto',
      sampleRateHz: RATE_HZ,
      listCards: () => [soundCard],
      reconnect: { firstDelayMs: 20, longestDelayMs: 100, giveUpAfterMs: 10_000 },
      stop$,
      ...options,
    }).subscribe({
      next: (event) => events.push(event),
      error: (error: unknown) => (state.error = error),
      complete: () => (state.complete = true),
    });
    cleanUps.push(() => {
      subscription.unsubscribe();
      card.remove();
    });
    const of = <Kind extends SampleSourceEvent['kind']>(kind: Kind) =>
      events.filter((event): event is Extract<SampleSourceEvent, { kind: Kind }> => event.kind === kind);
    return { card, events, state, stop$, of, subscription };
  }

  /** Every chunk follows the one before, and holds the ramp where it says that it stands. */
  function expectTruth(samples: readonly SampleChunk[], gaps: readonly Gap[], withinMs: number): void {
    let next = 0;
    let offset: number | undefined;
    const pieces = [...samples, ...gaps].sort((a, b) => at(a) - at(b) || (a.kind === 'gap' ? -1 : 1));
    for (const piece of pieces) {
      expect(at(piece)).to.equal(next);
      if (piece.kind === 'gap') {
        next += piece.lostSamples;
        offset = undefined;
        continue;
      }
      for (const [i, sample] of piece.samples.entries()) {
        const shift = (Math.round(sample * 32768) - ((next + i) % 32_000) + 32_000) % 32_000;
        offset ??= shift;
        // Inside a stretch not one is missing.
        if (shift !== offset)
          throw new Error(`sample ${next + i} is shifted by ${shift}, those before by ${offset}`);
      }
      const shiftMs = (1000 * Math.min(offset!, 32_000 - offset!)) / RATE_HZ;
      expect(shiftMs, `samples at ${next} stand ${shiftMs} ms beside their place`).to.be.at.most(withinMs);
      next += piece.samples.length;
    }
  }
  const at = (value: SampleChunk | Gap): number =>
    value.kind === 'gap' ? value.atSample : value.firstSample;

  it('takes every sample that the recorder writes, says what the card is, and ends it when it is stopped', async () => {
    const { card, state, of, stop$ } = listen('play');
    await until(() => of('samples').length > 30, 'samples');
    expect(of('device')).to.have.length(1);
    expect(of('device')[0]).to.deep.include({
      path: soundCard.byId,
      sampleRateHz: RATE_HZ,
      bitsPerSample: 16,
      occasion: 'found',
    });
    expect(card.commandLines[0]).to.match(
      /--fatal-errors -D hw:CARD=Device,DEV=0 -t raw -f S16_LE -c 1 -r 8000/,
    );
    stop$.next();
    expect(state.complete).to.equal(true);
    expectTruth(of('samples'), of('gap'), 0);
    expect(of('level').length).to.be.above(1);
    await until(() => !isAlive(card.pids[0]), 'the end of the recorder');
  });

  it('makes an overrun a gap where it was, as long as the clock says, and goes on', async () => {
    const { card, of, events } = listen('overrun:4,play');
    await until(
      () => of('gap').length > 0 && of('samples').at(-1)!.firstSample > 5 * RATE_HZ,
      'samples after',
      25_000,
    );
    expect(of('gap').map(({ cause }) => cause)).to.deep.equal(['overrun']);
    expect(of('connection')).to.deep.equal([]);
    expect(card.pids).to.have.length(2);
    expectTruth(of('samples'), of('gap'), 500);
    expect(events.filter((event) => event.kind === 'device')).to.have.length(1);
    expect(isZombie(card.pids[0])).to.equal(false);
  });

  for (const [plan, reason] of [
    ['die:4,play', 'unplugged'],
    ['stall:4,play', 'silent'],
    ['deaf:4,play', 'silent'],
  ] as const) {
    it(`reconnects where the recorder does this: ${plan}`, async () => {
      const { card, of } = listen(plan, { silenceTimeoutMs: 700 });
      await until(() => of('device').length === 2 && of('gap').length > 0, 'the return');
      expect(of('connection')[0]).to.deep.include({ state: 'lost', reason });
      expect(of('device').map(({ occasion }) => occasion)).to.deep.equal(['found', 'returned']);
      expect(of('gap')[0].cause).to.equal('reconnect');
      expectTruth(of('samples'), of('gap'), 500);
      await until(() => !isAlive(card.pids[0]) && !isZombie(card.pids[0]), 'the end of the first recorder');
    });
  }

  it('refuses a card whose samples come at another rate than it says, before anything is made of them', async () => {
    const { state, events } = listen('slow:0');
    await until(() => state.error !== undefined, 'the error');
    expect(state.error).to.be.instanceOf(ConfigurationError);
    expect((state.error as Error).message).to.match(/said to be 8000 Hz, but [34]\d\d\d samples a second/);
    expect(events.filter((event) => event.kind !== 'line')).to.deep.equal([]);
  });

  it('finds that the rate changes later', async () => {
    const { state, of } = listen('fast:5');
    await until(() => state.error !== undefined, 'the error');
    expect((state.error as Error).message).to.match(/1[56]\d\d\d samples a second .*say --rate 16000/);
    expect(of('samples').length).to.be.above(0);
  });

  it('is not filled by a recorder that never stops talking', async () => {
    const before = process.memoryUsage().rss;
    const { of, events } = listen('flood:3');
    await until(
      () => of('samples').at(-1) !== undefined && of('samples').at(-1)!.firstSample > 3.5 * RATE_HZ,
      'samples',
      30_000,
    );
    expect(events.length).to.be.below(2000);
    expect(process.memoryUsage().rss - before).to.be.below(200e6);
  });

  it('gives the card’s own error where it is busy, and says what to do', async () => {
    const { state } = listen('busy');
    await until(() => state.error !== undefined, 'the error');
    expect(state.error).to.include({ code: 'LUBDUB_PORT', reason: 'busy' });
    expect((state.error as Error).message).to.match(/another program records from it; close it/);
  });

  it('waits for the very card that was lost, whatever number it has then', async () => {
    const other: SoundCard = {
      ...soundCard,
      number: 0,
      id: 'PCH',
      usbId: null,
      path: 'hw:CARD=PCH,DEV=0',
      byId: null,
    };
    const again: SoundCard = { ...soundCard, number: 3, id: 'Device_1', path: 'hw:CARD=Device_1,DEV=0' };
    let cards: SoundCard[] = [soundCard, other];
    const { card, of } = listen('die:4,play', { listCards: () => cards });
    await until(() => of('device').length === 1, 'the card');
    cards = [other];
    await until(
      () => of('connection').filter(({ state }) => state === 'retrying').length > 2,
      'attempts',
      15_000,
    );
    expect(card.pids).to.have.length(1);
    cards = [other, again];
    await until(() => of('device').length === 2, 'the return');
    expect(card.commandLines[1]).to.include('-D hw:CARD=Device_1,DEV=0');
  });

  it('says that there is none, or more than one of a name', async () => {
    const none = listen('play', { listCards: () => [] });
    await until(() => none.state.error !== undefined, 'the error');
    expect(none.state.error).to.be.instanceOf(PortError).and.include({ code: 'LUBDUB_NO_DEVICE' });
    const two = listen('play', { card: 'usb', listCards: () => [soundCard, { ...soundCard, number: 2 }] });
    await until(() => two.state.error !== undefined, 'the error');
    expect((two.state.error as Error).message).to.match(/more than one sound card is called usb/);
  });
});
