// The tables of a page in a real Chromium: long ones, wide ones, and long names in them.

import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { reportPage } from '../../../src/replay/page/page.ts';
import { show, startBrowser } from '../../harness/browser.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { CHROMIUM, describeReal } from '../../harness/real.ts';
import { largeReport } from '../large-reports.ts';
import { BROKEN_NAMES, HIDDEN_ROWS, UNMARKED } from '../look.ts';
import { MAKING } from '../reports.ts';

/** The number of rows of a table that are seen. */
const rowsOf = (id: string) =>
  `[...document.querySelectorAll('#${id} ~ tbody tr')].filter((row) => row.getClientRects().length > 0).length`;

describeReal('replay/page/tables-browser: the tables of a page in Chromium', CHROMIUM, () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
  });
  beforeEach(async () => {
    ({ page } = await show(browser, reportPage(largeReport(), MAKING), folder));
  });
  afterEach(() => page.close());
  after(() => browser.close());

  const button = () => page.locator('.scroll:has(#mails) + .more button');

  it('show 20 rows where there are many, and all after a press', async () => {
    expect(await page.evaluate(rowsOf('mails'))).to.equal(20);
    expect(await button().textContent()).to.equal('Show all 200 rows');
    await button().click();
    expect(await page.evaluate(rowsOf('mails'))).to.equal(200);
    expect(await button().getAttribute('aria-expanded')).to.equal('true');
    await button().focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(rowsOf('mails'))).to.equal(20);
    expect(await button().getAttribute('aria-expanded')).to.equal('false');
  });

  it('show the first 20 rows of the order after a sort', async () => {
    await page.locator('table:has(#clients) thead button', { hasText: 'Lost' }).click();
    const lost = `[...document.querySelectorAll('#clients ~ tbody tr')].filter((row) => row.getClientRects().length > 0)
      .map((row) => Number(row.cells[2].dataset.key))`;
    await page.locator('table:has(#clients) thead button', { hasText: 'Lost' }).click();
    expect(await page.evaluate(lost)).to.deep.equal(
      Array.from({ length: 20 }, (_, i) => 5000 - (49 - i) * 97),
    );
  });

  it('show all rows in print, and where no script runs', async () => {
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate(rowsOf('mails'))).to.equal(200);
    const plain = await browser.newPage({ javaScriptEnabled: false });
    await plain.goto(page.url());
    expect(await plain.locator('#mails ~ tbody tr:visible').count()).to.equal(200);
    expect(await plain.locator('.more:visible').count()).to.equal(0);
    await plain.close();
  });

  for (const width of [420, 1280]) {
    it(`hide no row in a box of their own, and say where there are more columns, at ${width} px`, async () => {
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done)))');
      expect(await page.evaluate(HIDDEN_ROWS)).to.deep.equal([]);
      expect(await page.evaluate(UNMARKED)).to.deep.equal([]);
    });

    it(`break names only between their parts, at ${width} px`, async () => {
      await page.setViewportSize({ width, height: 900 });
      await button().click();
      expect(await page.evaluate(BROKEN_NAMES)).to.deep.equal([]);
    });
  }

  it('keep the first column in sight while the others scroll', async () => {
    await page.setViewportSize({ width: 420, height: 900 });
    const left = `(() => {
      const box = document.querySelector('.scroll:has(#offenders)');
      box.scrollLeft = 300;
      return box.querySelector('tbody th').getBoundingClientRect().left - box.getBoundingClientRect().left;
    })()`;
    await page.waitForSelector('.wide:has(#offenders)');
    expect(await page.evaluate(left)).to.equal(0);
  });
});
