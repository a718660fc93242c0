import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium, { inflate, setupLambdaEnvironment } from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/**
 * Starts the Chromium that comes from npm, with the libraries and fonts it brings: the same on every machine.
 * @param isRich with what its one font lacks, as arrows and letters of one width
 */
export async function startBrowser({ isRich = false } = {}): Promise<Browser> {
  const executablePath = await chromium.executablePath();
  const binaries = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '../bin');
  await inflate(join(binaries, 'al2023.tar.br'));
  setupLambdaEnvironment(join(tmpdir(), 'al2023/lib'));
  process.env['FONTCONFIG_PATH'] = writeFontSettings(isRich);
  // Not its own arguments: they switch off what the tests are about, web security and processes of their own.
  return playwright.launch({ executablePath, args: ['--no-sandbox'], headless: true });
}

/** Its own settings look for fonts in one fixed folder, and without fonts a page has no text at all. */
function writeFontSettings(isRich: boolean): string {
  const folder = join(tmpdir(), isRich ? 'sluice-more-fonts' : 'sluice-fonts');
  mkdirSync(folder, { recursive: true });
  const folders = [
    join(tmpdir(), 'fonts'),
    join(tmpdir(), 'fonts/fonts'),
    ...(isRich ? [dirname(fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')))] : []),
  ];
  const places = folders.map((place) => `<dir>${place}</dir>`);
  const cache = `<cachedir>${join(folder, 'cache')}</cachedir>`;
  writeFileSync(
    join(folder, 'fonts.conf'),
    `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${places.join('')}${cache}${PREFERRED}</fontconfig>`,
  );
  return folder;
}

/** Which of several fonts is meant by what pages ask for. */
const PREFERRED = Object.entries({ 'system-ui': 'Open Sans', 'sans-serif': 'Open Sans', monospace: 'DejaVu Sans Mono' })
  .map(([asked, font]) => `<alias><family>${asked}</family><prefer><family>${font}</family></prefer></alias>`)
  .join('');
