import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolvePolicy } from '../../src/config/config.ts';
import { SETTINGS_PAGES } from '../../src/config/settings-pages.ts';
import { load } from '../support/config-files.ts';

describe('the generated documentation of the settings', () => {
  it.each(Object.entries(SETTINGS_PAGES))(
    'is up to date with their declarations (npm run schema writes it): %s',
    async (file, write) => {
      await expect(write(readFileSync(file, 'utf8'))).toMatchFileSnapshot(`../../${file}`);
    },
  );

  it('has the true defaults: every commented setting, taken in, changes nothing', () => {
    const text = readFileSync('config/gateway.yaml', 'utf8');
    const [head = '', settings = ''] = text.split(/^# Every other setting.*$/m);
    const all = `${head}${settings.replace(/^( *)# (?= *[a-z_0-9]+:)/gm, '$1')}`.replace('registry: models.yaml', '');
    const { policies, ...config } = load(all);
    const { policies: _none, ...before } = load(text.replace('registry: models.yaml', ''));
    expect({ ...config, files: [], digests: [] }).toEqual({ ...before, files: [], digests: [] });
    expect(resolvePolicy(policies)).toEqual(resolvePolicy({}));
    expect(policies.timeouts).toBeDefined();
  });
});
