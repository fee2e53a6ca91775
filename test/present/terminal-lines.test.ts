import { expect } from 'chai';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { cutToCells, rowsOf, wrapToCells } from '../../src/present/terminal-lines.js';

/** Letters, words, characters of two cells, and ones that are made of several. */
const text = fc
  .array(fc.constantFrom('a', 'bc', ' ', 'verdict', '心', 'é', '👩‍⚕️', '▁', '…'), { maxLength: 60 })
  .map((parts) => parts.join(''));
const cells = fc.integer({ min: 1, max: 60 });
const withoutSpaces = (line: string) => line.replaceAll(' ', '');

describe('lines of a terminal', () => {
  it('cuts to cells, never through a character', () => {
    expect(cutToCells('心音 heart', 3)).to.equal('心');
    expect(cutToCells('abc   ', 10)).to.equal('abc');
    fc.assert(
      fc.property(text, cells, (line, most) => {
        const cut = cutToCells(line, most);
        expect(stringWidth(cut)).to.be.at.most(most);
        expect(line.startsWith(cut)).to.equal(true);
      }),
    );
  });

  it('wraps between words, and loses nothing where a character fits', () => {
    expect(wrapToCells('too little usable signal (0.0 s usable)', 16)).to.deep.equal([
      'too little',
      'usable signal',
      '(0.0 s usable)',
    ]);
    fc.assert(
      fc.property(text, cells, (line, most) => {
        const wrapped = wrapToCells(line, most);
        for (const one of wrapped) expect(stringWidth(one)).to.be.at.most(most);
        if (most > 1) expect(withoutSpaces(wrapped.join(''))).to.equal(withoutSpaces(line));
      }),
    );
  });

  it('counts the rows of a line as a terminal wraps it, colours left out', () => {
    expect(rowsOf('', 10)).to.equal(1);
    expect(rowsOf('a'.repeat(10), 10)).to.equal(1);
    expect(rowsOf('a'.repeat(11), 10)).to.equal(2);
    expect(rowsOf(`\u001b[1;32m${'a'.repeat(10)}\u001b[0m`, 10)).to.equal(1);
  });
});
