import { expect } from 'chai';
import { SUBJECT } from '../../src/verdict/subject.js';

describe('a subject code', () => {
  it('is short, of letters, digits, - and _, and so no name, no path and no formula', () => {
    for (const code of ['S-017', 'a', '_', 'P017', 'x'.repeat(32)])
      expect(SUBJECT.test(code), code).to.equal(true);
    for (const text of ['', 'x'.repeat(33), 'Jane Doe', '../x', '=1+1', 'é', 'a\n', 'a.b'])
      expect(SUBJECT.test(text), text).to.equal(false);
  });
});
