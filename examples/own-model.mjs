// Your own model: node examples/own-model.mjs my-model.json recording.wav
// A model is a .tflite file (int8 inside, float32 at its border) and a contract that says what it must be fed; see
// models/README.md, and tools/README.md for how to train one.
import { from, lastValueFrom } from 'rxjs';
import { Classifier, openModel, openRecording, readSignalQualityModel, screenRecording } from 'lubdub';

const [contractPath = 'models/heart-sound.json', file = 'test/recordings/e01341.wav'] = process.argv.slice(2);
// Hash, shapes, rates and thresholds are checked here; an error names the item that differs.
const model = await openModel(contractPath);
const classifier = await Classifier.open({ model });
const recording = await openRecording(file);
try {
  const outcome = await lastValueFrom(
    from(recording.chunks()).pipe(
      screenRecording({
        format: recording,
        contract: model.contract,
        classifier,
        signalQuality: readSignalQualityModel(),
        capacity: Infinity,
      }),
    ),
  );
  console.log(
    `${model.contract.name} ${model.contract.version} on ${file}: ${outcome.verdict}`,
    outcome.probability,
  );
} finally {
  await recording.close();
  await classifier.close();
}
