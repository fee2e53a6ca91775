import { expect } from 'chai';
import { ProgressBar } from '../../src/present/progress-bar.js';

/** Remembers what stands in the line. */
class Line {
  text = '';
  written = '';

  constructor(readonly isTTY: boolean) {}

  write(text: string): void {
    this.written += text;
    this.text = text.slice(text.lastIndexOf('\u001b[K') + 3);
  }
}

describe('ProgressBar', () => {
  it('says how far, how fast and how long still', () => {
    const line = new Line(true);
    let now = 0;
    const bar = new ProgressBar(40, 'files', line, () => now);
    now = 5000;
    bar.update(10);
    expect(line.text).to.equal('██████░░░░░░░░░░░░░░░░░░ 10 of 40 files, 2.0 a second, 15 s left');
    bar.clear();
    expect(line.text).to.equal('');
  });

  it('draws at most ten times a second, and the end in any case', () => {
    const line = new Line(true);
    let now = 0;
    const bar = new ProgressBar(1000, 'files', line, () => now);
    for (let done = 1; done <= 1000; done++) {
      now += 1;
      bar.update(done);
    }
    expect(line.written.split('\r').length - 1).to.be.within(10, 12);
    expect(line.text).to.match(/1000 of 1000/);
  });

  it('writes nothing where there is no terminal, or hardly anything to do', () => {
    for (const [line, total] of [
      [new Line(false), 40],
      [new Line(true), 2],
    ] as const) {
      const bar = new ProgressBar(total, 'files', line);
      bar.update(1);
      bar.clear();
      expect(line.written).to.equal('');
    }
  });
});
