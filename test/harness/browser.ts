// A real Chromium that shows one page from a file, and records what else the page does.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM_PATH } from './real.ts';

/** Keeps the browser itself from using the network. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Shown {
  readonly page: Page;
  readonly url: string;
  /** errors and other console messages, among them all violations of the page's policy */
  readonly messages: string[];
  readonly requests: string[];
}

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM_PATH, args: FLAGS });
}

/** @param folder where the page is written to */
export async function show(browser: Browser, text: string, folder: string): Promise<Shown> {
  const path = join(folder, 'page.html');
  writeFileSync(path, text);
  const page = await browser.newPage();
  const shown: Shown = { page, url: pathToFileURL(path).href, messages: [], requests: [] };
  page.on('console', (message) => shown.messages.push(message.text()));
  page.on('pageerror', (error) => shown.messages.push(String(error)));
  page.on('request', (request) => shown.requests.push(request.url()));
  await page.goto(shown.url);
  return shown;
}
