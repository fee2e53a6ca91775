// Your own source of samples, and the stages one by one: here a made-up heart at 72 beats a minute, with a hole in it.
import { Observable } from 'rxjs';
import {
  aggregateVerdict,
  bandPass,
  Classifier,
  classifyWindows,
  conditioningFor,
  decimate,
  defaultModelPath,
  openModel,
  readSignalQualityModel,
  SignalQuality,
  slideWindows,
} from 'lubdub';

const sampleRateHz = 4000;
const seconds = 20;

/** Chunks of 10 ms, as a sound card or a network would deliver them; amplitudes in [-1, 1). */
const samples$ = new Observable((subscriber) => {
  const chunk = sampleRateHz / 100;
  for (let first = 0; first < seconds * sampleRateHz; first += chunk) {
    // One packet is lost: say so, and no window will span the hole.
    if (first === 12 * sampleRateHz) {
      subscriber.next({ kind: 'gap', atSample: first, lostSamples: chunk, cause: 'lost' });
      continue;
    }
    const samples = Float64Array.from({ length: chunk }, (_, i) => heart((first + i) / sampleRateHz));
    subscriber.next({ kind: 'samples', firstSample: first, samples });
  }
  subscriber.complete();
});

function heart(t) {
  const beat = t % (60 / 72);
  const sound = (at, hz, loudness) =>
    loudness * Math.exp(-(((beat - at) / 0.03) ** 2)) * Math.sin(2 * Math.PI * hz * t);
  return sound(0.1, 45, 0.5) + sound(0.42, 65, 0.3) + 0.004 * (Math.random() - 0.5);
}

const model = await openModel(defaultModelPath);
const classifier = await Classifier.open({ model });
const { contract } = model;
const { windowSamples, hopSamples, features, sampleRateHz: modelRateHz } = contract.input;
const conditioning = conditioningFor(contract, sampleRateHz);
const quality = { sourceRateHz: sampleRateHz, modelRateHz, windowSamples, model: readSignalQualityModel() };

samples$
  .pipe(
    bandPass(conditioning.bandPass),
    decimate(conditioning.decimate),
    slideWindows({
      sourceRateHz: sampleRateHz,
      modelRateHz,
      windowSamples,
      hopSamples,
      features,
      quality: () => new SignalQuality(quality),
    }),
    classifyWindows({ classifier }),
    aggregateVerdict({ rules: contract.verdict, calibration: contract.calibration }),
  )
  .subscribe({
    next(judged) {
      if (judged.kind === 'window') {
        const { startSeconds, endSeconds, quality, heartRate } = judged.window;
        const rate = heartRate === null ? 'rate unsure' : `${Math.round(heartRate.bpm)} beats a minute`;
        console.log(`${startSeconds}–${endSeconds} s  quality ${quality.sqi.toFixed(2)}  ${rate}`);
      } else if (judged.kind === 'gap') console.log(`${judged.lostSamples} samples lost`);
      else if (judged.kind === 'outcome')
        console.log(judged.verdict, judged.reasons, `${judged.lostSamples} samples lost`);
    },
    complete: () => classifier.close(),
  });
