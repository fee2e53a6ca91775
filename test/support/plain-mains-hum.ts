import type { Hum } from '../../src/window/mains-hum.js';

/** The readable twin of `mainsHum`: keeps all samples and demodulates each line by its definition. */
export class PlainMainsHum {
  private readonly samples: number[] = [];

  constructor(private readonly rateHz: number) {}

  execute(samples: Float64Array): void {
    this.samples.push(...samples);
  }

  hum(): Hum | null {
    const length = this.rateHz / 10;
    const blocks = Array.from({ length: Math.floor(this.samples.length / length) }, (_, b) =>
      this.samples.slice(b * length, (b + 1) * length),
    ).slice(-80);
    const powers = blocks.map((block) => block.reduce((sum, x) => sum + x * x, 0) / length);
    const least = (1e-3 * powers.reduce((sum, power) => sum + power, 0)) / powers.length;
    const found = [50, 60].map((hertz) => {
      let power = 0;
      for (let multiple = 1; multiple * hertz <= 400; multiple++) {
        power += this.linePower(blocks, hertz * multiple, 0.6 * multiple);
      }
      return { hertz, power };
    });
    const strongest = found[1].power > found[0].power ? found[1] : found[0];
    return strongest.power > least ? strongest : null;
  }

  private linePower(blocks: readonly number[][], hertz: number, furthestHz: number): number {
    const amplitudes = blocks.map((block) => {
      let [re, im] = [0, 0];
      block.forEach((x, n) => {
        re += (x * Math.cos((2 * Math.PI * hertz * n) / this.rateHz)) / block.length;
        im -= (x * Math.sin((2 * Math.PI * hertz * n) / this.rateHz)) / block.length;
      });
      return { re, im, size: Math.hypot(re, im) };
    });
    const sizes = amplitudes.map(({ size }) => size).sort((a, b) => a - b);
    const largest = 1.7 * sizes[Math.round(0.25 * (sizes.length - 1))];
    let [turns, re, im] = [0, 0, 0];
    amplitudes.forEach((a, i) => {
      if (i === 0) return;
      const b = amplitudes[i - 1];
      if (!(a.size * b.size > 0) || Math.max(a.size, b.size) > largest) return;
      turns++;
      re += (a.re * b.re + a.im * b.im) / (a.size * b.size);
      im += (a.im * b.re - a.re * b.im) / (a.size * b.size);
    });
    const offHz = Math.atan2(im, re) / (2 * Math.PI * 0.1);
    if (turns < 12 || Math.hypot(re, im) < 0.7 * turns || Math.abs(offHz) > furthestHz) return 0;
    const quiet = sizes.filter((size) => size <= largest);
    return 2 * quiet[Math.round(0.5 * (quiet.length - 1))] ** 2;
  }
}
