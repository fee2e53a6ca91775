import { expect } from 'chai';
import { openSession } from '../../src/record/stored-session.js';
import { pictureSignal } from '../../src/report/signal-picture.js';
import { chunk, inFolder, newRecorder, recorderOptions } from '../support/sessions.js';

const input = {
  sampleRateHz: 500,
  band: { type: 'butterworth', order: 2, lowHz: 40, highHz: 180 },
  antiAlias: { passHz: 180, stopHz: 250, stopbandDb: 80 },
};

describe('the band that a model heard', () => {
  const record = async (folder: string, model: Record<string, unknown>) => {
    const known = recorderOptions(folder).model;
    const recorder = newRecorder(folder, { model: { ...known, ...model } });
    recorder.push(chunk(0, 4000));
    const { directory } = await recorder.finish(null);
    return openSession(directory!);
  };

  it('is stored with the session, and is what its picture shows', () =>
    inFolder(async (folder) => {
      const session = await record(folder, { input });
      expect(session.hearing).to.deep.equal(input);
      const picture = await pictureSignal(session, { columns: 5000, detail: null });
      expect(picture).to.deep.include({ lowHz: 40, highHz: 180 });
      // Two seconds at 500 Hz: no column of the trace is narrower than two samples.
      expect(picture.whole.extremes).to.have.length(2 * 500);
    }));

  it('is 25 to 400 Hz where a session does not say', () =>
    inFolder(async (folder) => {
      const session = await record(folder, {});
      expect(await pictureSignal(session, { columns: 10, detail: null })).to.deep.include({
        lowHz: 25,
        highHz: 400,
      });
    }));
});
