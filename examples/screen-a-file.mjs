// Screen a recording: node examples/screen-a-file.mjs recording.wav
import { from } from 'rxjs';
import {
  Classifier,
  defaultModelPath,
  openModel,
  openRecording,
  readSignalQualityModel,
  screenRecording,
} from 'lubdub';

const [file = 'test/recordings/e00089.wav'] = process.argv.slice(2);
const model = await openModel(defaultModelPath);
const classifier = await Classifier.open({ model });
const recording = await openRecording(file);

from(recording.chunks())
  .pipe(
    screenRecording({
      format: recording,
      contract: model.contract,
      classifier,
      signalQuality: readSignalQualityModel(),
      // A file can be read faster than the model follows; nothing of it shall be dropped.
      capacity: Infinity,
    }),
  )
  .subscribe({
    next(judged) {
      if (judged.kind === 'verdict') console.log(`${judged.usableSeconds} s usable: ${judged.verdict}`);
      if (judged.kind === 'outcome')
        console.log(`${file}: ${judged.verdict}`, judged.probability, judged.reasons);
    },
    async complete() {
      console.log('Screening aid for research, not a diagnosis.');
      await recording.close();
      await classifier.close();
    },
  });
