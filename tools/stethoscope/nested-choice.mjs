/** What choosing a rule is worth: for each database the rule that does best on the others, scored on the one. */

import { mean } from '../study-parts.mjs';

/** By what a rule is chosen, and what it is scored by, over the databases' rows of one rule. */
export const CRITERIA = {
  byRecording: (own) => mean(own.map(({ balanced }) => balanced)),
  byPerson: (own) => mean(own.map(({ balancedByPerson }) => balancedByPerson)),
  worst: (own) => Math.min(...own.flatMap(({ sensitivity, specificity }) => [sensitivity, specificity])),
};

/**
 * Rows are of one number of persons, one a database, way and rule; a way that goes nowhere (`shipped`) is one and the same.
 * Needs three databases, otherwise null. The first of equals is taken.
 */
export function nestedChoice(rows, by) {
  const rules = new Map();
  for (const row of rows) {
    const name = nameOf(row);
    rules.set(name, { ...rules.get(name), [row.database]: row });
  }
  const names = [...new Set(rows.map(({ database }) => database))];
  if (names.length < 3) return null;
  const chosen = names.map((database) => {
    const others = names.filter((name) => name !== database);
    let best = null;
    for (const [rule, own] of rules) {
      const score = CRITERIA[by](others.map((name) => own[name]));
      if (best === null || score > best.score) best = { rule, score, row: own[database] };
    }
    return { ...best.row, rule: best.rule };
  });
  return {
    persons: rows[0].persons,
    chosenBy: by,
    ...scoresOf(chosen),
    databases: chosen.map(({ database, rule, sensitivity, specificity }) => {
      return { database, rule, sensitivity, specificity };
    }),
  };
}

/** All criteria of one rule, by its name as {@link nestedChoice} gives it. */
export function ruleScores(rows, rule) {
  return scoresOf([
    ...new Map(rows.filter((row) => nameOf(row) === rule).map((row) => [row.database, row])).values(),
  ]);
}

/** 2.5, 50 and 97.5 % quantiles. */
export function interval(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return [0.025, 0.5, 0.975].map((share) => sorted[Math.floor(share * sorted.length)]);
}

const nameOf = ({ way, rule }) => (rule === 'shipped' ? rule : `${way}, ${rule}`);
const scoresOf = (own) =>
  Object.fromEntries(Object.entries(CRITERIA).map(([name, score]) => [name, score(own)]));
