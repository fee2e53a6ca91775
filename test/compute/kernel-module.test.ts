import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { KernelModule } from '../../src/compute/kernel-module.js';
import { SignalKernel } from '../../src/compute/signal-kernel.js';

/** AssemblyScript's compiler. Its own types declare `Array.at` anew for the whole program, as never undefined. */
interface Compiler {
  main(
    words: readonly string[],
    system: { writeFile(name: string, contents: string | Uint8Array): void },
  ): Promise<{ readonly error: Error | null }>;
}
const COMPILER: string = 'assemblyscript/asc';

describe('the compute module', () => {
  it('that is checked in is what its source builds to, byte for byte', async () => {
    const { entries, options } = JSON.parse(readFileSync('src/compute/kernel/asconfig.json', 'utf8')) as {
      entries: string[];
      options: { outFile: string };
    };
    expect([entries, options.outFile]).to.deep.equal([['index.ts'], '../kernel.wasm']);
    const built: (string | Uint8Array)[] = [];
    const compiler = (await import(COMPILER)) as Compiler;
    const { error } = await compiler.main(['--config', 'src/compute/kernel/asconfig.json'], {
      writeFile: (_name: string, contents: string | Uint8Array) => void built.push(contents),
    });
    expect(error).to.equal(null);
    expect(built).to.have.lengthOf(1);
    const isSame = Buffer.from(built[0] as Uint8Array).equals(readFileSync('src/compute/kernel.wasm'));
    expect(isSame, 'run `npm run build:kernel`').to.equal(true);
  });

  it('has a memory of its own for each who asks, and gives room that is 0', () => {
    const [a, b] = [new KernelModule(), new KernelModule()];
    const [atA, atB] = [a.allocate(1 << 20), b.allocate(1 << 20)];
    a.float32s(atA, 4).set([1, 2, 3, 4]);
    expect([...b.float32s(atB, 4)]).to.deep.equal([0, 0, 0, 0]);
    expect(a.allocate(16)).to.be.at.least(atA + (1 << 20) + 16);
  });

  it('refuses to grow without end, and is as it was', () => {
    const module = new KernelModule();
    expect(() => module.allocate(2 ** 33)).to.throw(RangeError);
    const at = module.allocate(8);
    module.float32s(at, 2).set([1, 2]);
    expect([...module.float32s(at, 2)]).to.deep.equal([1, 2]);
  });

  it('keeps tables as long as nobody else puts theirs there', () => {
    const kernel = SignalKernel.get();
    const [first, second] = [Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6)];
    const read = () => [...kernel.float64s(kernel.taps.room(24), 3)];
    kernel.taps.holding(first);
    expect(read()).to.deep.equal([1, 2, 3]);
    kernel.taps.holding(second);
    expect(read()).to.deep.equal([4, 5, 6]);
    kernel.taps.holding(first);
    kernel.taps.room(1 << 20);
    kernel.taps.holding(first);
    expect(read()).to.deep.equal([1, 2, 3]);
  });
});

describe('a residence in the compute module', () => {
  it('gives each of several that take turns its own numbers back, however long they are', () => {
    const kernel = SignalKernel.get();
    const residents = [2, 3, 70_000].map((length) => ({ numbers: new Float64Array(length).fill(length) }));
    const add = (resident: (typeof residents)[number]) => {
      const { length } = resident.numbers;
      const numbers = kernel.float64s(kernel.keptStretch.of(resident), length);
      numbers.forEach((_, i) => numbers[i]++);
      return [numbers[0], numbers[length - 1]];
    };
    for (let turn = 1; turn <= 3; turn++) {
      for (const resident of residents) {
        const expected = resident === residents[0] ? 2 * turn : turn;
        const { length } = resident.numbers;
        if (resident === residents[0]) add(resident);
        expect(add(resident)).to.deep.equal([length + expected, length + expected]);
      }
    }
  });
});

describe('the rank of the compute module', () => {
  it('is that of sorted numbers, for any of them, many alike', () => {
    const module = new KernelModule();
    const most = 3000;
    const [values, work] = [module.allocate(8 * most), module.allocate(16 * most)];
    const number = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -3, max: 3 }));
    const few = fc.array(number, { minLength: 1, maxLength: 300, size: 'max' });
    const many = fc.array(fc.nat(200), { minLength: 200, maxLength: most, size: 'max' });
    fc.assert(
      fc.property(fc.oneof(few, many), fc.double({ min: 0, max: 1, noNaN: true }), (numbers, share) => {
        const rank = Math.round(share * (numbers.length - 1));
        module.float64s(values, numbers.length).set(numbers);
        const found = module.functions.rankedOf(values, numbers.length, rank, work);
        // Equal, as 0 and -0 are.
        expect(found === Float64Array.from(numbers).sort()[rank]).to.equal(true);
        expect([...module.float64s(values, numbers.length)]).to.deep.equal(numbers);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the rank near a guess', () => {
  it('is that of sorted numbers, whatever the guess', () => {
    const module = new KernelModule();
    const most = 300;
    const [values, work] = [module.allocate(8 * most), module.allocate(16 * most)];
    const number = fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), fc.constantFrom(0, 1, 1.05, 1e-20));
    const numbersOf = fc.array(number, { minLength: 1, maxLength: most, size: 'max' });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const factor = fc.oneof(
      fc.double({ min: 0.8, max: 1.2, noNaN: true }),
      fc.constantFrom(0, 1, 50, Infinity),
    );
    fc.assert(
      fc.property(numbersOf, share, factor, (numbers, at, off) => {
        const rank = Math.round(at * (numbers.length - 1));
        module.float64s(values, numbers.length).set(numbers);
        const expected = Float64Array.from(numbers).sort()[rank];
        expect(module.functions.rankedNear(values, numbers.length, rank, off * expected, work)).to.equal(
          expected,
        );
        expect([...module.float64s(values, numbers.length)]).to.deep.equal(numbers);
      }),
      { numRuns: 300 },
    );
  });
});

describe('numbers of the compute module', () => {
  it('come out as they went in, few or many, wherever they stand', () => {
    const kernel = SignalKernel.get();
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 90 }), fc.nat(7), (numbers, offset) => {
        const values = Float64Array.from(numbers);
        const at = kernel.work.room(8 * (values.length + 8)) + 8 * offset;
        kernel.put(values, at);
        const output = new Float64Array(values.length + 2);
        kernel.get(at, values.length, output, 1);
        expect(output).to.deep.equal(Float64Array.of(0, ...values, 0));
      }),
    );
  });
});

describe('the exact logarithms of the compute module', () => {
  it('are those of fdlibm, which V8 has too, to the last bit', () => {
    const module = new KernelModule();
    const bits = new DataView(new ArrayBuffer(8));
    const anyPositive = fc.bigInt({ min: 1n, max: 0x7fef_ffff_ffff_ffffn }).map((pattern) => {
      bits.setBigInt64(0, pattern);
      return bits.getFloat64(0);
    });
    const energy = fc.double({ min: 1e-20, max: 10, noNaN: true });
    const aboutOne = fc.double({ min: -1e-3, max: 1e-3, noNaN: true }).map((x) => 1 + x);
    fc.assert(
      fc.property(fc.oneof(anyPositive, energy, aboutOne, fc.constantFrom(1, 10, 2 ** -1074)), (x) => {
        expect(module.functions.exactLogarithm10(x)).to.equal(Math.log10(x));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('elementary functions of the compute module', () => {
  const module = new KernelModule();
  const place = (...values: number[]) => {
    const at = module.allocate(4 * values.length);
    module.float32s(at, values.length).set(values);
    return at;
  };
  const { scaledExponentials, scaledLogarithms, sigmoids } = module.functions;
  const [one, zero] = [place(1), place(-0)];
  const MULTIPLY = 2;
  const FUNCTIONS = {
    exponentials: (from: number, count: number, to: number) =>
      scaledExponentials(from, count, one, zero, to, 0, 0),
    logarithms: (from: number, count: number, to: number) =>
      scaledLogarithms(from, count, MULTIPLY, one, zero, one, to, 0, 0),
    sigmoids,
  };
  /** The largest error, as a share of the result or of `least`, whichever is more. */
  function worst(
    run: keyof typeof FUNCTIONS,
    exact: (x: number) => number,
    inputs: number[],
    least: number,
  ): number {
    const values = Float32Array.from(inputs);
    const [from, to] = [module.allocate(4 * values.length), module.allocate(4 * values.length)];
    module.float32s(from, values.length).set(values);
    FUNCTIONS[run](from, values.length, to);
    const results = module.float32s(to, values.length);
    return values.reduce((most, x, i) => {
      const expected = exact(x);
      return Math.max(most, Math.abs(results[i] - expected) / Math.max(Math.abs(expected), least));
    }, 0);
  }
  const steps = (from: number, to: number, count: number) =>
    Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

  it('are exact to float32, but for a digit', () => {
    const ULP = 2 ** -23;
    expect(worst('exponentials', Math.exp, steps(-87, 88, 100_003), 0)).to.be.below(2 * ULP);
    const many = steps(-87, 88, 100_003).map(Math.exp);
    expect(worst('logarithms', Math.log, [...many, ...steps(0.5, 2, 100_003)], 0.01)).to.be.below(8 * ULP);
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    expect(worst('sigmoids', sigmoid, steps(-80, 80, 100_003), 1e-30)).to.be.below(4 * ULP);
  });

  it('have their values at the ends', () => {
    const of = (run: keyof typeof FUNCTIONS, inputs: number[]) => {
      const [from, to] = [module.allocate(16), module.allocate(16)];
      module.float32s(from, 4).set(inputs);
      FUNCTIONS[run](from, 4, to);
      return [...module.float32s(to, 4)];
    };
    expect(of('exponentials', [0, 100, -100, -Infinity])).to.deep.equal([1, Infinity, 0, 0]);
    expect(of('logarithms', [1, 0, Infinity, -1])).to.deep.equal([0, -Infinity, Infinity, NaN]);
    expect(of('exponentials', [NaN, 1, 1, 1])[0]).to.deep.equal(NaN);
  });
});

describe('whether numbers are finite', () => {
  it('is seen at every place of every number of them', () => {
    for (let count = 1; count <= 21; count++) {
      const module = new KernelModule();
      const numbers = module.float32s(module.allocate(4 * count), count);
      const at = numbers.byteOffset;
      numbers.fill(-3e38);
      expect(module.functions.allFinite(at, count), `${count}`).to.equal(1);
      for (let place = 0; place < count; place++) {
        for (const value of [NaN, Infinity, -Infinity]) {
          numbers[place] = value;
          expect(module.functions.allFinite(at, count), `${value} at ${place} of ${count}`).to.equal(0);
          numbers[place] = 3e38;
        }
      }
    }
  });
});
