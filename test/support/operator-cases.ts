import { expect } from 'chai';
import { EMPTY, NEVER, of, Subject, throwError, type Observable, type OperatorFunction } from 'rxjs';

/**
 * The cases that every operator must get right, whatever it does with values: never, empty, error, early
 * unsubscribe and resubscribe. One and many are for the operator's own tests.
 *
 * @param make the operator under test
 * @param input a few values that it turns into at least one output before completion
 */
export function itIsAnOperator<In, Out>(make: () => OperatorFunction<In, Out>, input: readonly In[]): void {
  it('stays silent on a source that never emits', () => {
    const seen: string[] = [];
    const subscription = (NEVER as Observable<In>).pipe(make()).subscribe(watch(seen));
    subscription.unsubscribe();
    expect(seen).to.deep.equal([]);
  });

  it('completes on an empty source', async () => {
    const seen: string[] = [];
    await new Promise<void>((resolve) => {
      (EMPTY as Observable<In>).pipe(make()).subscribe({ ...watch(seen), complete: resolve });
    });
    expect(seen).to.not.include('error');
  });

  it('hands an error on', () => {
    const failure = new Error('the source failed');
    let received: unknown;
    throwError(() => failure)
      .pipe(make() as OperatorFunction<unknown, Out>)
      .subscribe({ error: (error: unknown) => (received = error) });
    expect(received).to.equal(failure);
  });

  it('unsubscribes from its source', () => {
    const source = new Subject<In>();
    const subscription = source.pipe(make()).subscribe();
    expect(source.observed).to.equal(true);
    subscription.unsubscribe();
    expect(source.observed).to.equal(false);
  });

  it('gives a second subscriber a state of its own', async () => {
    const out$ = of(...input).pipe(make());
    const runs: Out[][] = [];
    for (let run = 0; run < 2; run++) {
      const values: Out[] = [];
      await new Promise<void>((resolve, reject) => {
        out$.subscribe({ next: (value) => values.push(value), error: reject, complete: resolve });
      });
      runs.push(values);
    }
    expect(runs[0].length).to.be.above(0);
    expect(runs[1]).to.deep.equal(runs[0]);
  });
}

function watch(seen: string[]) {
  return {
    next: () => void seen.push('next'),
    error: () => void seen.push('error'),
    complete: () => void seen.push('complete'),
  };
}
