import { butterworthBandPass } from '../condition/butterworth.js';

/**
 * What electronic stethoscopes let one choose. Bell and diaphragm have the bands that the 3M Littmann 3200 emphasises by
 * its manual: 20 to 200 Hz and 100 to 500 Hz (repeated by Fraiwan et al., Data in Brief 35, 2021, 106913, who published
 * recordings made with each). There as here the slopes are gentle: what lies outside is softer, not gone.
 */
export const LISTENING_FILTERS = ['bell', 'diaphragm', 'wide'] as const;

export type ListeningFilter = (typeof LISTENING_FILTERS)[number];

export const FILTER_BANDS = {
  bell: { lowHz: 20, highHz: 200 },
  diaphragm: { lowHz: 100, highHz: 500 },
} as const;

/** 12 dB an octave on either side. */
const ORDER = 2;
/** `wide` takes away what no ear hears and what would waste the range of the amplifier: an offset, breath, drift. */
export const WIDE_FROM_HZ = 10;
/** A band cannot reach up to half the rate. */
const HIGHEST_SHARE = 0.45;

/**
 * @returns second-order sections, row-major `[sections, 6]`: of a band as `scipy.signal.butter(2, [low, high],
 *   'bandpass', fs=sampleRateHz, output='sos')`, of `wide` as `butter(1, 10, 'highpass', ...)`
 */
export function listeningSections(filter: ListeningFilter, sampleRateHz: number): Float64Array {
  if (filter === 'wide') {
    const k = Math.tan((Math.PI * WIDE_FROM_HZ) / sampleRateHz);
    return Float64Array.of(1 / (1 + k), -1 / (1 + k), 0, 1, (k - 1) / (k + 1), 0);
  }
  const { lowHz, highHz } = FILTER_BANDS[filter];
  return butterworthBandPass({
    order: ORDER,
    lowHz,
    highHz: Math.min(highHz, HIGHEST_SHARE * sampleRateHz),
    sampleRateHz,
  });
}
