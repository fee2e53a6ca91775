/** What unfiltered samples say of rails and flat lines, in float64. */

/** Bytes of a frame: samples, those at a rail, longest run, smallest, largest. */
const FRAME_BYTES = 40;

/**
 * Frames of what a filter hides. Frame k holds the samples with `floor(n * frameRate / sampleRate) = k`.
 *
 * @param phase `n * frameRate` modulo `sampleRate`, of the first sample
 * @param state `[10]`, taken and left behind: lowest and highest held, low rail and high rail, last sample, length of its
 *   run, then of the frame begun what a frame holds, but for its samples
 * @param fullScale from here on, and below minus that, a sample is at full scale
 * @param nearShare of the range between the extremes that counts as at one
 * @param output `[frames][5]`
 */
export function railFrames(
  samples: usize,
  count: i32,
  phase: i32,
  frameRate: i32,
  sampleRate: i32,
  state: usize,
  fullScale: f64,
  nearShare: f64,
  output: usize,
): void {
  let begun = phase / frameRate;
  let last = load<f64>(state, 32);
  let run = <i32>load<f64>(state, 40);
  let atRail = <i32>load<f64>(state, 48);
  let longest = <i32>load<f64>(state, 56);
  let smallest = load<f64>(state, 64);
  let largest = load<f64>(state, 72);
  for (const end = samples + 8 * count; samples < end;) {
    const piece = min((sampleRate - phase + frameRate - 1) / frameRate, <i32>((end - samples) >> 3));
    const stop = samples + 8 * piece;
    let low = f64x2.splat(Infinity);
    let high = f64x2.splat(-Infinity);
    for (let at = samples; at < stop; at += 8) {
      const pair = v128.load64_splat(at);
      low = f64x2.pmin(low, pair);
      high = f64x2.pmax(high, pair);
      const x = f64x2.extract_lane(pair, 0);
      run = select<i32>(run + 1, 1, x === last);
      longest = max(longest, run);
      last = x;
    }
    const least = f64x2.extract_lane(low, 0);
    const most = f64x2.extract_lane(high, 0);
    if (least < smallest) smallest = least;
    if (most > largest) largest = most;
    // Most frames keep off the rails, and none of their samples need be looked at again.
    if (!(most < load<f64>(state, 24) && least > load<f64>(state, 16))) {
      atRail += countAtRail(samples, stop, state, fullScale, nearShare);
    }
    samples = stop;
    begun += piece;
    phase += piece * frameRate;
    if (phase < sampleRate) break;
    phase -= sampleRate;
    store<f64>(output, <f64>begun);
    store<f64>(output, <f64>atRail, 8);
    store<f64>(output, <f64>longest, 16);
    store<f64>(output, smallest, 24);
    store<f64>(output, largest, 32);
    output += FRAME_BYTES;
    begun = 0;
    atRail = 0;
    longest = 0;
    smallest = Infinity;
    largest = -Infinity;
  }
  store<f64>(state, last, 32);
  store<f64>(state, <f64>run, 40);
  store<f64>(state, <f64>atRail, 48);
  store<f64>(state, <f64>longest, 56);
  store<f64>(state, smallest, 64);
  store<f64>(state, largest, 72);
}

function countAtRail(samples: usize, end: usize, state: usize, fullScale: f64, nearShare: f64): i32 {
  let lowest = load<f64>(state);
  let highest = load<f64>(state, 8);
  let lowRail = load<f64>(state, 16);
  let highRail = load<f64>(state, 24);
  let atRail = 0;
  for (; samples < end; samples += 8) {
    const x = load<f64>(samples);
    if (x < highRail && x > lowRail) continue;
    if (x < lowest || x > highest) {
      // A new extreme moves the rails after it.
      lowest = min(lowest, x);
      highest = max(highest, x);
      const margin = nearShare * (highest - lowest);
      lowRail = max(-fullScale, lowest + margin);
      highRail = min(fullScale, highest - margin);
    }
    // Before anything moved there is no extreme of the signal's own.
    if (highest > lowest || x >= fullScale || x <= -fullScale) {
      if (x >= highRail || x <= lowRail) atRail++;
    }
  }
  store<f64>(state, lowest);
  store<f64>(state, highest, 8);
  store<f64>(state, lowRail, 16);
  store<f64>(state, highRail, 24);
  return atRail;
}

/**
 * What frames say together.
 *
 * @param frames `[count][5]` of `railFrames`
 * @param output `[5]`: what a frame holds, of all of them
 */
export function judgeRails(frames: usize, count: i32, output: usize): void {
  // Samples and those at a rail, which stand side by side.
  let sums = f64x2.splat(0);
  let run: f64 = 0;
  let smallest: f64 = Infinity;
  let largest: f64 = -Infinity;
  for (const end = frames + FRAME_BYTES * count; frames < end; frames += FRAME_BYTES) {
    sums = f64x2.add(sums, v128.load(frames));
    run = max(run, load<f64>(frames, 16));
    smallest = min(smallest, load<f64>(frames, 24));
    largest = max(largest, load<f64>(frames, 32));
  }
  v128.store(output, sums);
  store<f64>(output, run, 16);
  store<f64>(output, smallest, 24);
  store<f64>(output, largest, 32);
}
