import { expect } from 'chai';
import fc from 'fast-check';
import { faultOfAnswer, faultOfConnection, outcomeText, retryAfterMs } from '../../src/publish/fhir-fault.js';

const outcome = (...texts: string[]) =>
  JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: texts.map((text) => ({ severity: 'error', code: 'invalid', details: { text } })),
  });

describe('what a FHIR server says', () => {
  const cases: readonly [number, string, RegExp][] = [
    [400, 'refused', /finds a fault/],
    [401, 'stop', /--fhir-token/],
    [403, 'stop', /may not create/],
    [404, 'stop', /--server must name its base/],
    [409, 'later', /changes the same/],
    [412, 'refused', /same identifier/],
    [413, 'refused', /--no-samples/],
    [418, 'refused', /does not take/],
    [422, 'refused', /rule or profile/],
    [429, 'later', /too often/],
    [500, 'later', /has a fault/],
    [503, 'later', /has a fault/],
  ];
  for (const [status, consequence, words] of cases) {
    it(`${status} is ${consequence}`, () => {
      const fault = faultOfAnswer(status, {}, outcome('because'));
      expect(fault.consequence).to.equal(consequence);
      expect(fault.message).to.match(words).and.include('because').and.include(String(status));
    });
  }

  it('follows nobody elsewhere and says where to', () => {
    const fault = faultOfAnswer(307, { location: 'https://elsewhere.example/\u001b[2J' }, '');
    expect(fault.consequence).to.equal('stop');
    expect(fault.message).to.include('https://elsewhere.example/\\u001b[2J').and.include('--server');
  });

  it('waits as long as it is asked to, an hour at most', () => {
    expect(faultOfAnswer(429, { 'retry-after': '7' }, '').retryAfterMs).to.equal(7000);
    const now = Date.UTC(2026, 0, 1);
    expect(retryAfterMs(new Date(now + 90_000).toUTCString(), now)).to.equal(90_000);
    expect(retryAfterMs(new Date(now - 90_000).toUTCString(), now)).to.equal(0);
    expect(retryAfterMs('999999999', now)).to.equal(3_600_000);
    expect(retryAfterMs('soon', now)).to.equal(null);
  });

  it('shows three issues and counts the others', () => {
    expect(outcomeText(outcome('a', 'b', 'c', 'd'))).to.equal('a; b; c; and 1 more');
    expect(outcomeText('<html>')).to.equal(null);
    expect(outcomeText('{"resourceType":"OperationOutcome","issue":[null,3]}')).to.equal(null);
  });

  it('names the remedy for a certificate', () => {
    const fault = faultOfConnection(Object.assign(new Error('x'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }));
    expect(fault.consequence).to.equal('stop');
    expect(fault.message).to.include('--fhir-ca');
  });

  it('says nothing that steers a terminal, whatever the server says', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 300, max: 599 }),
        (text, status) => {
          const { message } = faultOfAnswer(status, { location: text }, outcome(text));
          expect(message).not.to.match(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
          expect(message.length).to.be.below(2200);
        },
      ),
    );
    fc.assert(fc.property(fc.json(), (text) => outcomeText(text) === null));
  });
});
