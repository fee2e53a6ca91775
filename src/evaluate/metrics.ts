import {
  DEFAULT_BOOTSTRAP,
  GroupBootstrap,
  percentileInterval,
  type BootstrapOptions,
  type Interval,
} from './bootstrap.js';
import type { Confusion } from './decision-scores.js';
import {
  Cohort,
  FIGURE_NAMES,
  FIGURES,
  meanFigures,
  type EvaluatedRecording,
  type FigureName,
  type Figures,
} from './figures.js';

/** Which recordings a score speaks of. */
export interface Scope {
  readonly kind: 'pooled' | 'database' | 'mean-over-databases';
  /** Those that it holds, in alphabetical order; `null` where none is known. */
  readonly databases: readonly string[] | null;
  readonly recordings: number;
  readonly abnormal: number;
  readonly normal: number;
  /** Without a probability: left out wherever one is needed. */
  readonly notScored: number;
  readonly groups: number;
  /** Only where recordings are counted, not where figures are averaged. */
  readonly confusion: Confusion | null;
  readonly scores: readonly Score[];
}

/** A figure and what it depends on, so that it is not quoted without. */
export interface Score {
  readonly name: FigureName;
  readonly value: number | null;
  /** 95 % by bootstrap over groups; `null` where replicates cannot tell, see {@link percentileInterval}. */
  readonly interval: Interval | null;
  readonly positiveClass: 'abnormal' | 'normal' | null;
  /** `null` for a score that does not depend on it: AUC, and what follows the verdicts as they were given. */
  readonly threshold: number | null;
}

export interface MetricsOptions {
  /** From this probability on a recording is called abnormal, where each must get a class. */
  readonly threshold: number;
  readonly bootstrap?: BootstrapOptions;
  /**
   * Further means than that over all databases with both classes: of each list, the databases that are there and hold
   * both classes.
   */
  readonly meansOver?: readonly (readonly string[])[];
}

/**
 * All scores of evaluated recordings: pooled, inside each database, and as means over databases.
 *
 * A recording of unknown group is a group of its own; its interval is then too narrow if a person occurs twice.
 */
export function scoreRecordings(recordings: readonly EvaluatedRecording[], options: MetricsOptions): Scope[] {
  const pooled = cohortOf(recordings, recordings.keys(), 'pooled', options.threshold);
  const databases = databasesOf(recordings).map((database) =>
    cohortOf(
      recordings,
      [...recordings.keys()].filter((index) => recordings[index].database === database),
      'database',
      options.threshold,
    ),
  );
  const counted = [pooled, ...databases];
  const means = meansOf(databases, options.meansOver ?? []);

  const valuesOf = (weights?: ArrayLike<number>): Figures[] => {
    const figures = new Map(counted.map((part) => [part, part.cohort.figures(weights)]));
    return [
      ...figures.values(),
      ...means.map((parts) => meanFigures(parts.map((part) => figures.get(part)!))),
    ];
  };
  const values = valuesOf();
  const intervals = intervalsOf(recordings, values.length, valuesOf, options.bootstrap ?? DEFAULT_BOOTSTRAP);

  const scoresOf = (position: number, groups: number): Score[] =>
    FIGURE_NAMES.map((name) => ({
      name,
      value: values[position][name],
      interval: groups < 2 ? null : intervals(position, name),
      positiveClass: FIGURES[name].positiveClass,
      threshold: FIGURES[name].threshold ? options.threshold : null,
    }));
  return [
    ...counted.map(({ cohort, ...scope }, position) => ({
      ...scope,
      confusion: cohort.confusion(),
      scores: scoresOf(position, scope.groups),
    })),
    ...means.map((parts, position) => ({
      ...totalOf(parts),
      confusion: null,
      scores: scoresOf(counted.length + position, Math.min(...parts.map(({ groups }) => groups))),
    })),
  ];
}

type Counts = Omit<Scope, 'confusion' | 'scores'>;
type Part = Counts & { readonly cohort: Cohort };

function cohortOf(
  all: readonly EvaluatedRecording[],
  which: Iterable<number>,
  kind: Scope['kind'],
  threshold: number,
): Part {
  const indices = [...which];
  const members = indices.map((index) => all[index]);
  const abnormal = members.filter((member) => member.abnormal).length;
  const databases = databasesOf(members);
  return {
    kind,
    databases: databases.length === 0 ? null : databases,
    recordings: members.length,
    abnormal,
    normal: members.length - abnormal,
    notScored: members.filter(({ probability }) => probability === null).length,
    groups: new Set(indices.map((index) => groupKey(all[index], index))).size,
    cohort: new Cohort(all, indices, threshold),
  };
}

function databasesOf(recordings: readonly EvaluatedRecording[]): string[] {
  return [...new Set(recordings.flatMap(({ database }) => (database === null ? [] : [database])))].sort();
}

/** A group belongs to one database: the same name in two means two groups. */
function groupKey({ database, group }: EvaluatedRecording, index: number): string {
  return group === null ? `recording ${index}` : `${database ?? ''} group ${group}`;
}

function meansOf(databases: readonly Part[], lists: readonly (readonly string[])[]): Part[][] {
  const withBoth = databases.filter(({ abnormal, normal }) => abnormal > 0 && normal > 0);
  const means = [
    withBoth,
    ...lists.map((list) => withBoth.filter((part) => list.includes(part.databases![0]))),
  ];
  const key = (parts: readonly Part[]) => parts.map((part) => part.databases![0]).join();
  // A mean over one database is that database.
  return means.filter(
    (parts, position) =>
      parts.length > 1 && means.findIndex((other) => key(other) === key(parts)) === position,
  );
}

function totalOf(parts: readonly Part[]): Counts {
  const sum = (count: (part: Part) => number) => parts.reduce((total, part) => total + count(part), 0);
  return {
    kind: 'mean-over-databases',
    databases: parts.map((part) => part.databases![0]),
    recordings: sum((part) => part.recordings),
    abnormal: sum((part) => part.abnormal),
    normal: sum((part) => part.normal),
    notScored: sum((part) => part.notScored),
    groups: sum((part) => part.groups),
  };
}

function intervalsOf(
  recordings: readonly EvaluatedRecording[],
  scopes: number,
  valuesOf: (weights: ArrayLike<number>) => Figures[],
  options: BootstrapOptions,
): (scope: number, name: FigureName) => Interval | null {
  const bootstrap = new GroupBootstrap(
    recordings.map(groupKey),
    recordings.map(({ database }) => database ?? ''),
    options,
  );
  const replicates = Array.from({ length: scopes }, (): Figures[] => []);
  for (const weights of bootstrap.replicates()) {
    for (const [scope, figures] of valuesOf(weights).entries()) replicates[scope].push(figures);
  }
  return (scope, name) => percentileInterval(replicates[scope].map((figures) => figures[name]));
}
