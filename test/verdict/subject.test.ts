import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { SUBJECT } from '../../src/verdict/subject.js';

describe('a subject code', () => {
  it('is what the page takes, too', () => {
    const html = readFileSync('src/page/browser/index.html', 'utf8');
    const [, pattern] = /id="subject"[^>]*pattern="([^"]+)"/.exec(html)!;
    // Browsers read a pattern with the flag v, where a dash in brackets is escaped, and anchor it themselves.
    expect(`^${pattern.replace('\\-', '-')}$`).to.equal(SUBJECT.source);
  });
});
