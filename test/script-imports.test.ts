import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';

const scripts = ts.sys.readDirectory('.', ['.mjs'], ['dist', '**/node_modules', '**/.venv']);

const statementsOf = (file: string): readonly ts.Statement[] =>
  ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest).statements;

/** The file that an import of another one means, `undefined` for a package. */
function fileOf(specifier: ts.Expression | undefined, from: string): string | undefined {
  const name = specifier !== undefined && ts.isStringLiteral(specifier) ? specifier.text : '';
  return name.startsWith('.') ? join(dirname(from), name) : undefined;
}

const boundNames = (name: ts.BindingName): string[] =>
  ts.isIdentifier(name)
    ? [name.text]
    : name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(element.name)));

const hasModifier = (statement: ts.Statement, wanted: ts.SyntaxKind): boolean =>
  ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === wanted);

/** Names that a module exports, by its text: to run a script is no business of a test. */
function exportsOf(file: string): Set<string> {
  const names = statementsOf(file).flatMap((statement) => {
    if (ts.isExportAssignment(statement)) return ['default'];
    if (ts.isExportDeclaration(statement)) {
      const { exportClause, moduleSpecifier } = statement;
      if (exportClause === undefined) return [...exportsOf(fileOf(moduleSpecifier, file)!)];
      if (ts.isNamespaceExport(exportClause)) return [exportClause.name.text];
      return exportClause.elements.map(({ name }) => name.text);
    }
    if (!hasModifier(statement, ts.SyntaxKind.ExportKeyword)) return [];
    if (hasModifier(statement, ts.SyntaxKind.DefaultKeyword)) return ['default'];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name));
    }
    return ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)
      ? [statement.name!.text]
      : [];
  });
  return new Set(names);
}

/** What a script asks of other files and they do not have. */
function missingIn(script: string, text = readFileSync(script, 'utf8')): string[] {
  // Those inside of functions too.
  const files = ts
    .preProcessFile(text)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => join(dirname(script), fileName));
  const missing = files.filter((file) => !existsSync(file));
  for (const statement of ts.createSourceFile(script, text, ts.ScriptTarget.Latest).statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const file = fileOf(statement.moduleSpecifier, script);
    if (file === undefined || !existsSync(file)) continue;
    const { name, namedBindings } = statement.importClause ?? {};
    const wanted = name === undefined ? [] : ['default'];
    if (namedBindings !== undefined && ts.isNamedImports(namedBindings)) {
      wanted.push(...namedBindings.elements.map((element) => (element.propertyName ?? element.name).text));
    }
    const there = exportsOf(file);
    missing.push(...wanted.filter((one) => !there.has(one)).map((one) => `${one} of ${file}`));
  }
  return missing;
}

describe('scripts that nothing compiles', () => {
  it('are found', () => {
    expect(scripts).to.include.members(['tools/study-parts.mjs', 'src/list-fitting-model-files.mjs']);
  });

  for (const script of scripts) {
    it(`find what they import: ${script}`, () => {
      expect(missingIn(script)).to.deep.equal([]);
    });
  }

  it('would be seen to miss a file or a name', () => {
    const text = `import gone, { openModel, median as middle } from '../dist/src/classify/model.js';
      import * as all from './gone.mjs';
      import { mean, gone } from './study-parts.mjs';
      const late = () => import('../dist/src/late.js');`;
    expect(missingIn('tools/made-up.mjs', text)).to.deep.equal([
      'tools/gone.mjs',
      'dist/src/late.js',
      'default of dist/src/classify/model.js',
      'median of dist/src/classify/model.js',
      'gone of tools/study-parts.mjs',
    ]);
  });
});
