/**
 * The arithmetic that costs most, for WebAssembly with 128-bit vectors. Written in AssemblyScript; `npm run build:kernel`
 * makes `../kernel.wasm` of it.
 *
 * Functions know nothing but addresses and sizes, allocate nothing and check nothing: `../kernel.ts` and those who call it do.
 */
export { convolve, dequantise, meanOverTime, quantise } from './convolution';
export { allFinite, combine, copyRows, limit, transpose } from './arithmetic';
export { addScores } from './additive-scores';
export { exactLogarithm10 } from './logarithms64';
export { readFlacChannels } from './flac';
export { flacCrc16, reverseBytes, storeFlacSamples } from './flac-bytes';
export { multiply, multiplyNeighbours, multiplyRuns } from './matrix-products';
export { fromPoints, productsAtPoint, toPoints } from './fast-convolution';
export { frameEnergies } from './front-end';
export { rhythmBeat, takeEnvelopes } from './heart';
export { heartSounds, heartSoundsLength, heartSoundsWork, lastHeartSounds } from './heart-sounds';
export { keepStretch } from './keep-stretch';
export { loudSounds } from './loud-sounds';
export { areQuiet, mainsTurns, quietMedian } from './mains';
export { int16Amplitudes } from './pcm';
export { runProgram } from './program';
export { averagePool, reduce } from './reductions';
export { judgeRails, railFrames } from './rails';
export { resample } from './resampler';
export { scaledExponentials, scaledLogarithms, sigmoids, softmax } from './scaled-functions';
export { sameWave } from './same-wave';
export { correlationOf, frameMeasures } from './quality-measures';
export { rankedNear, rankedOf } from './selection';
export { soundMeasures } from './sound-measures';
export { envelopeFrames, filterSections } from './sections';
export { windowFeatures } from './window-features';

/** Where the memory begins that the module does not use itself. */
export const FIRST_FREE: usize = __heap_base;
