import { expect } from 'chai';
import { RecordingError } from '../../src/errors.js';
import { verdictEvent } from '../../src/screen/event-of.js';
import { failedFile, screenedFile } from '../../src/screen/file-screening.js';

describe('screenedFile', () => {
  const verdict = verdictEvent({
    kind: 'verdict',
    verdict: 'normal',
    probability: 0.1,
    reasons: [],
    usableSeconds: 9,
  });
  const notice = { kind: 'notice', file: 'a\u202e.wav', message: 'a\nb' } as const;

  it('has every event in a line that a terminal may have, and what is about the whole file as it is', () => {
    const { lines, events } = screenedFile([notice, verdict]);
    expect(lines).to.equal(
      '{"kind":"notice","file":"a\\u202e.wav","message":"a\\nb"}\n' +
        '{"kind":"verdict","verdict":"normal","probability":0.1,"reasons":[],"usableSeconds":9}\n',
    );
    expect(events).to.deep.equal([notice]);
  });

  it('of a file that failed is its error', () => {
    const { lines, events } = failedFile('a.wav', new RecordingError('is empty'));
    expect(events).to.deep.equal([
      { kind: 'error', file: 'a.wav', code: 'LUBDUB_RECORDING', message: 'is empty' },
    ]);
    expect(lines).to.equal(`${JSON.stringify(events[0])}\n`);
  });
});
