import { describe, expect, it } from 'vitest';
import { withoutChance } from './without-chance.ts';

describe('a text without chance', () => {
  it.each([
    ['- /url: /console/c/conv_01a218837f789cc212d309c1cf5fd69aee9874befd175d0f', '- /url: /console/c/conv_‹id›'],
    [
      '/calls/4cbf5c43282b40d593df4ac49e1888c4?owner=72b088c8fb2ec1abd58db8a2812e11b11de2d6bff109bb11064e89f56d12c584',
      '/calls/‹id›?owner=‹id›',
    ],
    ['/console/calls/console_1811919493291076545728235501784201528823', '/console/calls/console_‹id›'],
    ['- code: sk-sl--AE…Vc0M', '- code: ‹secret›'],
    ['cell "old sk-sl-U8c…s4_0 · manages"', 'cell "old ‹secret› · manages"'],
    ['option "mobile (72b088)"', 'option "mobile (‹hash›)"'],
    ['26 Nov 2026, 15:40:27', '26 Nov 2026, 15:40:‹s›'],
    ['listitem: version 0.2.0', 'listitem: version ‹version›'],
    ['- code: /tmp/sluice-pictures-4Ka9xQ/gateway.yaml', '- code: ‹folder›/gateway.yaml'],
  ])('has a placeholder in %s', (text, shown) => {
    expect(withoutChance(text)).toBe(shown);
  });

  it.each([
    'button "Send to both"',
    'row "15:40:00 deep → swift (studio) ops rescued 0.4 s 1.3 s 142 $0.00013 2"',
    'cell "$0.5454 of $1.00 today"',
    'listitem: up for 23 h 0 min',
    'option "demo (deaf)"',
    'text: from 2027-02-01, 400,000 tokens',
  ])('keeps %s', (text) => {
    expect(withoutChance(text)).toBe(text);
  });
});
