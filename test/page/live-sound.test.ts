import { expect } from 'chai';
import { LiveSoundFeed } from '../../src/page/server/live-sound.js';
import { startPage, type RunningPage } from '../../src/page/server/start-page.js';
import { decodeSoundFrame, type SoundFrame } from '../../src/page/sound-frame.js';
import { FakeController } from '../support/fake-controller.js';
import { validContract } from '../support/model-contract.js';
import { PageClient } from '../support/page-client.js';

const RATE_HZ = 2000;

/** A page whose line may be full. */
class FakePage {
  readonly frames: SoundFrame[] = [];
  isFull = false;

  sendSound(bytes: Uint8Array): boolean {
    if (!this.isFull) this.frames.push(decodeSoundFrame(Uint8Array.from(bytes).buffer));
    return !this.isFull;
  }

  get samples(): number {
    return this.frames.reduce((sum, { samples }) => sum + samples.length, 0);
  }
}

const flushed = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('LiveSoundFeed', () => {
  let nowMs: number;
  let feed: LiveSoundFeed<FakePage>;
  let sent: number;

  beforeEach(() => {
    nowMs = 0;
    sent = 0;
    feed = new LiveSoundFeed<FakePage>(() => nowMs);
  });
  afterEach(() => feed.close());

  /** By the clock, a tenth of a second at a time. */
  async function run(seconds: number, each: () => void = () => {}): Promise<void> {
    for (let i = 0; i < Math.round(seconds * 10); i++) {
      nowMs += 100;
      const samples = new Float64Array(RATE_HZ / 10);
      feed.push({ sampleRateHz: RATE_HZ, value: { kind: 'samples', firstSample: sent, samples } });
      sent += samples.length;
      await flushed();
      each();
    }
  }

  it('sends sound to pages that listen, and to no other', async () => {
    const [listening, other] = [new FakePage(), new FakePage()];
    feed.listen(listening, true, 0);
    await run(1);
    expect(listening.samples).to.equal(RATE_HZ);
    expect(other.frames).to.deep.equal([]);
    feed.listen(listening, false, 0);
    await run(1);
    expect(listening.samples).to.equal(RATE_HZ);
    expect(feed.listenerCount).to.equal(0);
  });

  it('joins what comes at once into one frame', async () => {
    const page = new FakePage();
    feed.listen(page, true, 0);
    for (let i = 0; i < 5; i++) {
      const samples = new Float64Array(10);
      feed.push({ sampleRateHz: RATE_HZ, value: { kind: 'samples', firstSample: 10 * i, samples } });
    }
    await flushed();
    expect(page.frames.map(({ firstSample, samples }) => [firstSample, samples.length])).to.deep.equal([
      [0, 50],
    ]);
  });

  it('drops sound for a page whose line is full, counts it, and tells with the next that gets through', async () => {
    const page = new FakePage();
    feed.listen(page, true, 0);
    await run(1, () => feed.listen(page, true, page.samples));
    page.isFull = true;
    await run(1, () => feed.listen(page, true, page.samples));
    page.isFull = false;
    await run(1, () => feed.listen(page, true, page.samples));
    expect(page.frames.at(-1)).to.include({ droppedSamples: RATE_HZ });
    expect(page.samples).to.equal(2 * RATE_HZ);
  });

  it('drops sound that a page does not acknowledge: no more than two seconds are ever under way', async () => {
    const page = new FakePage();
    feed.listen(page, true, 0);
    // It says that it listens, and has got nothing since the first piece.
    await run(10, () => feed.listen(page, true, 1));
    expect(page.samples).to.be.within(2 * RATE_HZ, 2.2 * RATE_HZ);
    const { samples } = page;
    feed.listen(page, true, samples);
    await run(1);
    expect(page.samples).to.equal(samples + RATE_HZ);
    expect(page.frames.at(-1)!.droppedSamples).to.equal(10 * RATE_HZ - samples);
  });

  it('sends no more to a page that says nothing for five seconds', async () => {
    const page = new FakePage();
    feed.listen(page, true, 0);
    await run(6, () => nowMs < 500 && feed.listen(page, true, page.samples));
    expect(feed.listenerCount).to.equal(0);
  });

  it('drops what comes faster than it can be heard', async () => {
    const page = new FakePage();
    feed.listen(page, true, 0);
    for (let i = 0; i < 100; i++) {
      nowMs += 10;
      const samples = new Float64Array(RATE_HZ);
      feed.push({ sampleRateHz: RATE_HZ, value: { kind: 'samples', firstSample: i * RATE_HZ, samples } });
      await flushed();
      feed.listen(page, true, page.samples);
    }
    expect(page.samples).to.be.at.most(4 * RATE_HZ);
  });
});

describe('a page that listens', function () {
  this.timeout(20_000);
  let controller: FakeController;
  let page: RunningPage;

  beforeEach(async () => {
    controller = await FakeController.playing('test/recordings/a0050.wav');
    page = await startPage({
      controller,
      version: '0',
      rules: validContract().verdict,
      model: null,
      port: 0,
    });
  });
  afterEach(() => page.close());

  it('gets the very samples that were recorded, over its socket, once it asks and until it does not', async () => {
    const client = await PageClient.opened(page.port);
    await controller.start({ site: null, subject: null });
    controller.play(0.5);
    client.send({ id: 1, command: 'listen', isOn: true, receivedSamples: 0 });
    await client.reply(1);
    expect(client.sounds).to.deep.equal([]);
    controller.play(1);
    const got = () => client.sounds.reduce((sum, { samples }) => sum + samples.length, 0);
    await client.until(() => got() >= 2000);
    const [first] = client.sounds;
    expect(first).to.include({ sampleRateHz: 2000, firstSample: 1000, droppedSamples: 0 });
    const samples = client.sounds.flatMap((frame) => [...frame.samples]);
    expect(samples).to.deep.equal(
      [...controller.raw.slice(1000, 3000)].map((value) => Math.round(value * 32768)),
    );
    client.send({ id: 2, command: 'listen', isOn: false, receivedSamples: 2000 });
    await client.reply(2);
    controller.play(1);
    client.send({ id: 3, command: 'name', site: null, subject: null });
    await client.reply(3);
    expect(got()).to.equal(2000);
    client.socket.terminate();
  });

  it('is shown the door for a command that is none', async () => {
    for (const wrong of [
      { id: 1, command: 'listen' },
      { id: 1, command: 'listen', isOn: 1, receivedSamples: 0 },
      { id: 1, command: 'listen', isOn: true, receivedSamples: -1 },
    ]) {
      const client = await PageClient.opened(page.port);
      client.send(wrong);
      await client.until(() => client.closeCode !== undefined);
      expect(client.closeCode).to.equal(1008);
    }
  });
});
