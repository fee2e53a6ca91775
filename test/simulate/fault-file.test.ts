import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigurationError } from '../../src/errors.js';
import { checkFaultPlan, readFaultFile } from '../../src/simulate/fault-file.js';

const everyKind = {
  seed: 7,
  faults: [
    { kind: 'drop', probability: 0.01 },
    { kind: 'duplicate', atSeconds: [1, 2.5], of: 'samples' },
    { kind: 'corrupt', probability: 1, bytes: 3, fromSeconds: 2, toSeconds: 3, of: 'all' },
    { kind: 'delay', probability: 0.1, packets: 4 },
    { kind: 'hold', atSeconds: 1, forSeconds: 0.5 },
    { kind: 'garbage', atSeconds: 1, bytes: 5000 },
    { kind: 'overrun', atSeconds: 2, samples: 100 },
    { kind: 'stall', atSeconds: 2, forSeconds: 5 },
    { kind: 'unplug', atSeconds: 4 },
    { kind: 'unplug', atSeconds: 3, forSeconds: 2, keepsCounting: true },
    { kind: 'restart', atSeconds: 3 },
    { kind: 'stop', atSeconds: 3, reason: 'battery' },
    { kind: 'contact', atSeconds: 0, value: false },
    { kind: 'battery', atSeconds: 1, percent: 5 },
    { kind: 'drift', ppm: -120, of: 'samples' },
  ],
};

describe('checkFaultPlan', () => {
  it('accepts every kind of fault', () => {
    expect(checkFaultPlan(everyKind)).to.deep.equal(everyKind);
    expect(checkFaultPlan({ faults: [] })).to.deep.equal({ faults: [] });
  });

  it('is described to its last kind and key, and the example is right', () => {
    const page = readFileSync('src/simulate/faults.md', 'utf8');
    const described = [...page.matchAll(/^\| `(\w+)` \|(.*)$/gm)].map(([, kind, rest]) => ({ kind, rest }));
    const refusal = (plan: unknown): string => {
      try {
        checkFaultPlan(plan);
      } catch (error) {
        return (error as Error).message;
      }
      return expect.fail('was accepted');
    };
    const [, kinds] = /must be one of (.*), got/.exec(refusal({ faults: [{ kind: 'x' }] }))!;
    expect(described.map(({ kind }) => kind)).to.deep.equal(kinds.split(', '));
    const shared = ['kind', 'probability', 'atSeconds', 'fromSeconds', 'toSeconds', 'of'];
    for (const { kind, rest } of described) {
      const [, keys] = /it may have (.*)$/.exec(refusal({ faults: [{ kind, '?': 1 }] }))!;
      for (const key of keys.split(', ')) {
        if (!shared.includes(key)) expect(rest, `${kind}: ${key}`).to.include(`\`${key}\``);
      }
    }
    const [, example] = /```json\n([\s\S]*?)```/.exec(page)!;
    expect(checkFaultPlan(JSON.parse(example)).faults).to.have.length(4);
  });

  const wrong: [string, unknown, RegExp][] = [
    ['no object', [], /fault plan must be an object, got \[\]/],
    ['no faults', {}, /faults must be a list of faults, got undefined/],
    ['a misspelt key', { faults: [], sede: 1 }, /"sede"; it may have seed, faults/],
    [
      'a seed that is none',
      { seed: -1, faults: [] },
      /seed must be a whole number in 0\.\.4294967295, got -1/,
    ],
    [
      'an unknown kind',
      { faults: [{ kind: 'explode' }] },
      /faults\[0\]\.kind must be one of drop,.*got "explode"/,
    ],
    ['a kind from Object', { faults: [{ kind: 'constructor' }] }, /faults\[0\]\.kind/],
    [
      'a fault that is none',
      { faults: [{ kind: 'restart', atSeconds: 1 }, 5] },
      /faults\[1\] must be an object/,
    ],
    [
      'a misspelt probability',
      { faults: [{ kind: 'drop', propability: 1 }] },
      /faults\[0\] has a key that is not known, "propability"; it may have kind, probability, atSeconds/,
    ],
    [
      'a wrong type',
      { faults: [{ kind: 'drop', probability: 'high' }] },
      /faults\[0\]\.probability must be a number in 0\.\.1, got "high"/,
    ],
    ['a probability above 1', { faults: [{ kind: 'drop', probability: 1.5 }] }, /got 1\.5/],
    [
      'no time',
      { faults: [{ kind: 'unplug' }] },
      /faults\[0\]\.atSeconds is missing; it must be a number of at least 0/,
    ],
    ['a negative time', { faults: [{ kind: 'unplug', atSeconds: -1 }] }, /atSeconds must be .*got -1/],
    ['neither chance nor time', { faults: [{ kind: 'drop' }] }, /either probability or atSeconds/],
    [
      'both chance and time',
      { faults: [{ kind: 'drop', probability: 1, atSeconds: [1] }] },
      /either probability or atSeconds/,
    ],
    [
      'a time where a list belongs',
      { faults: [{ kind: 'drop', atSeconds: 3 }] },
      /must be a list of one or more/,
    ],
    [
      'an end before the beginning',
      { faults: [{ kind: 'drop', probability: 1, fromSeconds: 3, toSeconds: 2 }] },
      /toSeconds must not be before/,
    ],
    [
      'half a packet',
      { faults: [{ kind: 'delay', probability: 1, packets: 0.5 }] },
      /whole number in 1\.\.1000/,
    ],
  ];
  for (const [what, plan, message] of wrong) {
    it(`refuses ${what}`, () => expect(() => checkFaultPlan(plan)).to.throw(ConfigurationError, message));
  }

  it('never crashes, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          fc.record({ seed: fc.anything(), faults: fc.array(fc.anything()) }),
          fc.record({
            faults: fc.array(
              fc.record(
                {
                  kind: fc.constantFrom(...everyKind.faults.map((fault) => fault.kind)),
                  atSeconds: fc.anything(),
                },
                { requiredKeys: ['kind'] },
              ),
            ),
          }),
        ),
        (value) => {
          try {
            checkFaultPlan(value);
          } catch (error) {
            expect(error).to.be.instanceOf(ConfigurationError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('readFaultFile', () => {
  let directory = '';
  before(() => (directory = mkdtempSync(join(tmpdir(), 'lubdub-faults-'))));
  after(() => rmSync(directory, { recursive: true }));

  it('reads a plan from a file', () => {
    const path = join(directory, 'faults.json');
    writeFileSync(path, JSON.stringify(everyKind));
    expect(readFaultFile(path)).to.deep.equal(everyKind);
  });

  it('names the file with whatever is wrong', () => {
    const path = join(directory, 'wrong.json');
    writeFileSync(path, '{ "faults": [ }');
    expect(() => readFaultFile(path)).to.throw(ConfigurationError, /wrong\.json must be JSON/);
    writeFileSync(path, '{ "faults": 3 }');
    expect(() => readFaultFile(path)).to.throw(ConfigurationError, /wrong\.json: faults must be a list/);
    expect(() => readFaultFile(join(directory, 'none'))).to.throw(
      ConfigurationError,
      /cannot be read.*ENOENT/,
    );
  });
});
