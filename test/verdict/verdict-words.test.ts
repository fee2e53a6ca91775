import { expect } from 'chai';
import { reasonPhrase } from '../../src/report/report-words.js';
import { VERDICT_REASONS } from '../../src/verdict/verdict-reason.js';
import { reasonSentence } from '../../src/verdict/verdict-words.js';

describe('words of the verdict', () => {
  it('says every reason in a sentence, on the screen and on paper', () => {
    for (const reason of VERDICT_REASONS) {
      expect(reasonSentence(reason), reason)
        .to.match(/^[a-z].* .*/)
        .and.not.equal(reason.replaceAll('-', ' '));
      expect(reasonPhrase(reason), reason)
        .to.match(/^[a-z].* .*/)
        .and.not.equal(reason.replaceAll('-', ' '));
    }
  });

  it('shows a word that another version stored as it is', () => {
    expect(reasonSentence('too-windy')).to.equal('too windy');
    expect(reasonPhrase('too-windy')).to.equal('too windy');
  });
});
