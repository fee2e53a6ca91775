/* Records at 48 kHz and 24 bits in real time until it is killed, and says after each push how many samples it pushed. */
import { writeSync } from 'node:fs';
import type { Sampled } from '../../src/decode/samples.js';
import { chunk, gap, newRecorder } from './sessions.js';

export const CHILD_RATE_HZ = 48000;
const CHUNK_SAMPLES = 480;
export const CHILD_FULL_SCALE = 2 ** 23;

/** The same endless stream in the child and in the test: ten milliseconds a chunk, now and then a gap. */
export function* childStream(): Generator<Sampled, never, undefined> {
  let at = 0;
  for (let count = 0; ; count++) {
    if (count % 7 === 6) {
      yield gap(at, count % 50, count % 3 === 0 ? 'lost' : 'restart');
      at += count % 50;
    }
    yield chunk(at, CHUNK_SAMPLES, CHILD_FULL_SCALE);
    at += CHUNK_SAMPLES;
  }
}

function main(folder: string): void {
  const format = { sampleRateHz: CHILD_RATE_HZ, bitsPerSample: 24 };
  const recorder = newRecorder(folder, { format, samplesPerFile: 20_000 });
  const stream = childStream();
  const began = performance.now();
  let pushed = 0;
  const step = () => {
    const due = ((performance.now() - began) / 1000) * CHILD_RATE_HZ;
    // A machine that had no time for this process for a second must not hand over that second at once: a port would not.
    const most = Math.min(due, pushed + CHILD_RATE_HZ / 10);
    while (pushed < most) {
      const { value } = stream.next();
      recorder.push(value);
      if (value.kind === 'samples') pushed += value.samples.length;
      else recorder.event({ ...value });
    }
    writeSync(1, `${pushed}\n`);
    setTimeout(step, 3);
  };
  step();
}

if (process.argv[2] === 'record') main(process.argv[3]);
