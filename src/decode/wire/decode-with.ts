import { Observable, type OperatorFunction } from 'rxjs';

/** What is told piece by piece and answers with what the piece completed. */
export interface Decoder<In, Out> {
  push(piece: In): Iterable<Out>;
  /** The stream has ended: what is left. */
  finish(): Iterable<Out>;
}

/**
 * A decoder as an operator. Every subscriber has a decoder of its own; an error is handed on without what is left.
 *
 * @param make throws at the call, for options that cannot be
 */
export function decodeWith<In, Out>(make: () => Decoder<In, Out>): OperatorFunction<In, Out> {
  make();
  return (source) =>
    new Observable((subscriber) => {
      const decoder = make();
      const emit = (values: Iterable<Out>): void => {
        for (const value of values) subscriber.next(value);
      };
      return source.subscribe({
        next: (piece) => emit(decoder.push(piece)),
        error: (error) => subscriber.error(error),
        complete() {
          emit(decoder.finish());
          subscriber.complete();
        },
      });
    });
}
