import type { HeartSoundMark } from '../bedside/bedside-status.js';
import type { GapView } from './page-messages.js';
import type { NoContactView } from './no-contact-times.js';

/** What a page that looks back shows of a window. */
export interface WindowView {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly usable: boolean;
  /** `null` where it was not scored. */
  readonly probability: number | null;
}

/** How far back what is shown reaches. */
export interface LookBackReach {
  /** Samples a second of the finest trace, 0 before the first. */
  readonly sampleRateHz: number;
  /** Behind the newest sample. */
  readonly endSeconds: number;
  /** For each level, the finest first: from here on it can be had. */
  readonly keptFromSeconds: { readonly trace: readonly number[]; readonly bands: readonly number[] };
  /** Whether what is older can be had from the session that is being written. */
  readonly isStored: boolean;
}

/** `GET /api/live/N?from=SECONDS&to=SECONDS` */
export interface LookBackNews extends LookBackReach {
  /** Of the span that was asked for; `null` where there are more than can be told apart. */
  readonly marks: readonly HeartSoundMark[] | null;
  /** In order; where there are too many every so-manieth, see `windowStep`. */
  readonly windows: readonly WindowView[];
  readonly windowStep: number;
  /** In order; where there are too many, neighbours as one. */
  readonly gaps: readonly GapView[];
  readonly noContact: readonly NoContactView[];
}

/*
 * Of the recording under way, or of the last one while nothing else was recorded; N is its number (see `LiveView`), 404
 * for any other:
 * `GET /api/live/N?from=SECONDS&to=SECONDS`: a {@link LookBackNews}.
 * `GET /api/live/N/trace?level=L&first=T&count=C`: C tiles of level L from number T on, 1024 pairs of float32 each, least
 *   and greatest amplitude of each bin, NaN where there is none. A bin of level L has 4^L samples; the header `X-Until`
 *   says up to which second samples had come.
 * `GET /api/live/N/bands?level=L&first=T&count=C`: the same of the spectrogram: 256 columns of 48 levels each, the lowest
 *   frequency first; 0 where nothing was heard. A column of level L stands for 20 ms times 4^L.
 * `GET /api/sessions/NAME/look`, `.../look/trace` and `.../look/bands`: the same of a stored session; the first answers
 *   a {@link LookBackReach}.
 */
