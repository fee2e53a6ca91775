import { expect } from 'chai';
import fc from 'fast-check';
import {
  inChunks,
  MAX_WHOLE_SAMPLES,
  readWhole,
  type BlockSource,
} from '../../../src/decode/file/recording-chunks.js';
import { ConfigurationError, RecordingError } from '../../../src/errors.js';

/** Samples 0, 1, 2… in blocks of the lengths given. */
function blocksOf(lengths: readonly number[], checkUnchanged = () => Promise.resolve()) {
  const totalSamples = lengths.reduce((sum, length) => sum + length, 0);
  const closed = { count: 0 };
  const source: BlockSource = {
    totalSamples,
    checkUnchanged,
    async *blocks() {
      try {
        let next = 0;
        for (const length of lengths) yield Promise.resolve(Float64Array.from({ length }, () => next++));
      } finally {
        closed.count++;
      }
    },
  };
  return { source, closed };
}

describe('inChunks', () => {
  it('gives every sample once and in order, in chunks of one length but for the last, whatever the blocks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 60 }),
        async (lengths, chunkSamples) => {
          const { source, closed } = blocksOf(lengths);
          let next = 0;
          for await (const chunk of inChunks(source, chunkSamples)) {
            expect(chunk.firstSample).to.equal(next);
            expect([...chunk.samples]).to.deep.equal(Array.from(chunk.samples, (_, i) => next + i));
            expect(chunk.samples.length).to.equal(Math.min(chunkSamples, source.totalSamples - next));
            next += chunk.samples.length;
          }
          expect(next).to.equal(source.totalSamples);
          expect(closed.count).to.equal(1);
        },
      ),
    );
  });

  it('hands on the last chunk only of a file that stayed as it was', async () => {
    const changed = () => Promise.reject(new RecordingError('written to'));
    const chunks = inChunks(blocksOf([10, 10], changed).source, 8);
    const taken: number[] = [];
    let error: unknown;
    try {
      for await (const { firstSample } of chunks) taken.push(firstSample);
    } catch (reason) {
      error = reason;
    }
    expect(taken).to.deep.equal([0, 8]);
    expect(error).to.be.instanceOf(RecordingError);
  });

  it('lets go of the file where the reader has had enough', async () => {
    const { source, closed } = blocksOf([10, 10]);
    for await (const chunk of inChunks(source, 3)) if (chunk.firstSample > 0) break;
    expect(closed.count).to.equal(1);
  });

  it('rejects a chunk length that is no integer from 1 on', async () => {
    for (const chunkSamples of [0, -1, 1.5, NaN, Infinity, 2 ** 21]) {
      const error: unknown = await inChunks(blocksOf([10]).source, chunkSamples)
        .next()
        .catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(ConfigurationError);
    }
  });
});

describe('readWhole', () => {
  it('gives one array, and refuses what would not fit', async () => {
    const { source } = blocksOf([70_000, 30_000]);
    const recording = { totalSamples: 100_000, chunks: (length: number) => inChunks(source, length) };
    const whole = await readWhole('x.wav', recording);
    expect(whole.length).to.equal(100_000);
    expect(whole.every((sample, i) => sample === i)).to.equal(true);
    const error: unknown = await readWhole('x.wav', {
      ...recording,
      totalSamples: MAX_WHOLE_SAMPLES + 1,
    }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(RecordingError);
  });
});
