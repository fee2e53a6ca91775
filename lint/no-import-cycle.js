import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

/**
 * Reports an import that leads back to the file it stands in. Imports of types count: modules that cannot be thought of
 * apart are one module, whatever is left of them at run time.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export default {
  meta: { type: 'problem', schema: [], messages: { cycle: 'Imports go round: {{way}}.' } },
  create(context) {
    const check = (node) => {
      if (node.source == null) return;
      const target = fileOf(context.filename, node.source.value);
      const way = target && wayBack(target, context.filename);
      if (way)
        context.report({
          node,
          messageId: 'cycle',
          data: { way: [context.filename, ...way].map(shortName).join(' -> ') },
        });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};

const shortName = (file) => file.slice(process.cwd().length + 1);

/** The TypeScript file that an import of `./name.js` means; undefined for a package. */
function fileOf(importer, specifier) {
  if (!specifier.startsWith('.')) return undefined;
  const file = resolve(dirname(importer), specifier.replace(/\.js$/, '.ts'));
  return existsSync(file) ? file : undefined;
}

/** Files by what they import, read once a run. An editor that keeps the process must be told to start it anew. */
const imports = new Map();

function importsOf(file) {
  let found = imports.get(file);
  if (found === undefined) {
    const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
    found = importedFiles
      .map(({ fileName }) => fileOf(file, fileName))
      .filter((target) => target !== undefined);
    imports.set(file, found);
  }
  return found;
}

/** The shortest way along imports, both ends included; undefined where there is none. */
function wayBack(from, to) {
  const cameFrom = new Map([[from, undefined]]);
  for (const file of cameFrom.keys()) {
    if (file === to) {
      const way = [];
      for (let at = file; at !== undefined; at = cameFrom.get(at)) way.unshift(at);
      return way;
    }
    for (const next of importsOf(file)) if (!cameFrom.has(next)) cameFrom.set(next, file);
  }
  return undefined;
}
