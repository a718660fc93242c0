import { describe, expect, it } from 'vitest';
import { citedIn, partsAt } from '../../console/src/answer/parts.ts';
import { citedParts, type Source, sourcesOf, type UrlCitation } from '../../console/src/answer/sources.ts';
import type { ResponseItem } from '../../console/src/answer/turn.ts';

function cite(url: string, start: number, end: number, title = ''): UrlCitation {
  return { type: 'url_citation', url, title, start_index: start, end_index: end };
}

function source(number: number, host: string): Source {
  return { number, url: `https://${host}/`, title: '', host };
}

describe('the sources of an answer', () => {
  it('have the numbers of their markers, each page once', () => {
    const text = 'One[2], two[web:7], again[2].';
    const annotations = [
      cite('https://b.example/', 3, 6, 'B'),
      cite('https://g.example/', 11, 18),
      cite('https://b.example/', 25, 28, 'B'),
    ];
    expect(sourcesOf([{ text, annotations }])).toEqual([
      { number: 2, url: 'https://b.example/', title: 'B', host: 'b.example' },
      { number: 7, url: 'https://g.example/', title: '', host: 'g.example' },
    ]);
  });

  it('get the next free number where the text has no marker for them', () => {
    const annotations = [
      cite('https://x.example/', 0, 3),
      cite('https://y.example/', 4, 7),
      cite('https://z.example/', 0, 3),
    ];
    const found = sourcesOf([{ text: 'One[1] more', annotations: [...annotations, cite('https://a.example/', 3, 6)] }]);
    expect(found.map(({ number, host }) => `${number} ${host}`)).toEqual([
      '1 a.example',
      '2 x.example',
      '3 y.example',
      '4 z.example',
    ]);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'not an address', ''])('are never %j', (url) => {
    expect(sourcesOf([{ text: '[1]', annotations: [cite(url, 0, 3)] }])).toEqual([]);
  });

  it('stand in the text as links, where there is a page for the number', () => {
    const one = source(1, 'a.example');
    const two = source(2, 'b.example');
    expect(citedParts('So[1][2] and [web:2], a[3].', [one, two])).toEqual([
      'So',
      one,
      two,
      ' and ',
      two,
      ', a',
      '[3]',
      '.',
    ]);
    expect(citedParts('a[1]', [])).toEqual(['a[1]']);
  });
});

describe('what stands beside an answer that is stored', () => {
  const said = { id: 'resp_1', created_at: 5 };
  const items: readonly ResponseItem[] = [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Why?' }] },
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'First.' }], content: [] },
    {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'short' }],
      content: [{ type: 'reasoning_text', text: 'Then.' }],
    },
    {
      type: 'message',
      role: 'assistant',
      said_by: said,
      content: [{ type: 'output_text', text: 'So.', annotations: [] }],
    },
    { type: 'message', role: 'assistant', content: 'Also.' },
  ];

  it('is what was thought since the message before it, and its origin', () => {
    expect(partsAt(items, 3)).toEqual({ reasoning: 'First.\n\nThen.', sources: [], origin: said });
    expect(partsAt(items, 4)).toEqual({ reasoning: '', sources: [], origin: null });
    expect(partsAt(items, 0)).toEqual({ reasoning: '', sources: [], origin: null });
  });

  it('has the sources of messages alone', () => {
    const text = { type: 'output_text', text: '[1]', annotations: [cite('https://a.example/', 0, 3)] };
    expect(citedIn([{ type: 'reasoning', content: [text] }])).toEqual([]);
    expect(citedIn([{ type: 'message', content: [text] }]).map(({ number }) => number)).toEqual([1]);
  });
});
