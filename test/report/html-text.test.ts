import { expect } from 'chai';
import fc from 'fast-check';
import { parseFragment, type DefaultTreeAdapterMap } from 'parse5';
import { html } from '../../src/report/html-text.js';

type Element = DefaultTreeAdapterMap['element'];
type TextNode = DefaultTreeAdapterMap['textNode'];

describe('html', () => {
  it('puts any text in so that a browser reads the same text, as content and as attribute', () => {
    const text = fc.string({ unit: fc.constantFrom(...'<>&"\'`=/ab\u00e9\u{1f493} ;#-!') });
    fc.assert(
      fc.property(text, (value) => {
        const { childNodes } = parseFragment(html`<p title="${value}">x${value}</p>`.text);
        expect(childNodes).to.have.length(1);
        const paragraph = childNodes[0] as Element;
        expect(paragraph.attrs).to.deep.equal([{ name: 'title', value }]);
        expect(paragraph.childNodes).to.have.length(1);
        expect((paragraph.childNodes[0] as TextNode).value).to.equal(`x${value}`);
      }),
    );
  });

  it('replaces what no page can hold or what would turn the reading direction', () => {
    expect(html`${'a\u0000b\u202ec\ud800d\te'}`.text).to.equal('a\ufffdb\ufffdc\ufffdd\te');
  });

  it('takes its own output as it is, joins lists, and writes nothing for nothing', () => {
    const item = html`<li>${'<'}</li>`;
    // prettier-ignore
    const list = html`<ul>${[item, item]}${null}${undefined}${false}</ul>${0}`;
    expect(list.text).to.equal('<ul><li>&lt;</li><li>&lt;</li></ul>0');
  });
});
