/** A whole network, so that its caller crosses into the module once for it. */
import { combine, copyRows, limit, transpose } from './arithmetic';
import { convolve, dequantise, meanOverTime, quantise } from './convolution';
import { fromPoints, productsAtPoint, toPoints } from './fast-convolution';
import { multiply, multiplyNeighbours, multiplyRuns } from './matrix-products';
import { averagePool, reduce } from './reductions';
import { scaledExponentials, scaledLogarithms, sigmoids, softmax } from './scaled-functions';

/**
 * Carries out calls that follow each other in memory: the number of the function, as `network-program.ts` of the classifier
 * has it, and its arguments, four bytes each.
 *
 * @param end behind the last
 */
export function runProgram(at: usize, end: usize): void {
  while (at < end) {
    const code = load<i32>(at);
    const first = at + 4;
    switch (code) {
      case 0:
        convolve(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
          word(first, 6),
          word(first, 7),
          word(first, 8),
          word(first, 9),
          word(first, 10),
        );
        at += 48;
        break;
      case 1:
        toPoints(word(first, 0), word(first, 1), word(first, 2), word(first, 3), word(first, 4));
        at += 24;
        break;
      case 2:
        productsAtPoint(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
          word(first, 6),
        );
        at += 32;
        break;
      case 3:
        fromPoints(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
          word(first, 6),
          word(first, 7),
          word(first, 8),
        );
        at += 40;
        break;
      case 4:
        meanOverTime(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          float(first, 3),
          word(first, 4),
          word(first, 5),
          word(first, 6),
        );
        at += 32;
        break;
      case 5:
        quantise(
          word(first, 0),
          word(first, 1),
          float(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
        );
        at += 28;
        break;
      case 6:
        dequantise(word(first, 0), word(first, 1), float(first, 2), word(first, 3));
        at += 20;
        break;
      case 7:
        combine(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3) !== 0,
          word(first, 4),
          word(first, 5),
          word(first, 6) !== 0,
          word(first, 7),
          word(first, 8),
          word(first, 9),
          float(first, 10),
          float(first, 11),
        );
        at += 52;
        break;
      case 8:
        scaledExponentials(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
          float(first, 6),
        );
        at += 32;
        break;
      case 9:
        scaledLogarithms(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
          word(first, 6),
          word(first, 7),
          float(first, 8),
        );
        at += 40;
        break;
      case 10:
        sigmoids(word(first, 0), word(first, 1), word(first, 2));
        at += 16;
        break;
      case 11:
        limit(word(first, 0), word(first, 1), word(first, 2), float(first, 3), float(first, 4));
        at += 24;
        break;
      case 12:
        softmax(word(first, 0), word(first, 1), word(first, 2), float(first, 3), word(first, 4));
        at += 24;
        break;
      case 13:
        reduce(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          float(first, 5),
          word(first, 6),
        );
        at += 32;
        break;
      case 14:
        multiply(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
          word(first, 6),
          word(first, 7),
          word(first, 8),
          word(first, 9),
          float(first, 10),
          float(first, 11),
        );
        at += 52;
        break;
      case 15:
        multiplyNeighbours(
          word(first, 0),
          float(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
          word(first, 6),
          word(first, 7),
          float(first, 8),
          float(first, 9),
        );
        at += 44;
        break;
      case 16:
        multiplyRuns(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
          word(first, 6),
          float(first, 7),
          float(first, 8),
        );
        at += 40;
        break;
      case 17:
        averagePool(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
          word(first, 6),
          word(first, 7),
          float(first, 8),
          float(first, 9),
        );
        at += 44;
        break;
      case 18:
        copyRows(
          word(first, 0),
          word(first, 1),
          word(first, 2),
          word(first, 3),
          word(first, 4),
          word(first, 5),
        );
        at += 28;
        break;
      case 19:
        transpose(word(first, 0), word(first, 1), word(first, 2), word(first, 3));
        at += 20;
        break;
      default:
        return;
    }
  }
}

function word(first: usize, index: usize): i32 {
  return load<i32>(first + 4 * index);
}

function float(first: usize, index: usize): f32 {
  return load<f32>(first + 4 * index);
}
