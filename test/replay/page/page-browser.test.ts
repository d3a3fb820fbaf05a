// The page of a replay in a real Chromium: it loads nothing, runs nothing else, and is readable.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { reportPage } from '../../../src/replay/page/page.ts';
import type { Report } from '../../../src/replay/report/report.ts';
import { type Shown, show, startBrowser } from '../../harness/browser.ts';
import { temporaryFolder } from '../../harness/folder.ts';
import { CHROMIUM, describeReal } from '../../harness/real.ts';
import { hostileReport, largeReport } from '../large-reports.ts';
import { CUT_TEXTS, OVERFLOWING, PALE_SHAPES, PALE_TEXTS, TINY_TEXTS, UNPRINTABLE, UNTOLD } from '../look.ts';
import { emptyReport, MAKING, smallReport } from '../reports.ts';

const ATTACK = `"'></title></script></style><img src=x onerror="document.body.dataset.taken=1"><script>document.body.dataset.taken=1</script>`;
const REPORTS: readonly [name: string, report: Report][] = [
  ['an empty', emptyReport()],
  ['a small', smallReport()],
  ['a large', largeReport()],
  ['a hostile', hostileReport(ATTACK)],
];
/** A4 without its margins of 14 mm, in CSS pixels. */
const PRINTED = 688;
const WIDE = 1280;

interface Look {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly media?: 'screen' | 'print';
}

describeReal('replay/page/page-browser: the page of a replay in Chromium', CHROMIUM, () => {
  const folder = temporaryFolder();
  let browser: Browser;

  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  async function opened<T>(report: Report, see: (page: Page) => Promise<T>): Promise<T> {
    const { page } = await show(browser, reportPage(report, MAKING), folder);
    try {
      return await see(page);
    } finally {
      await page.close();
    }
  }

  for (const [name, report] of REPORTS) {
    describe(`of ${name} report`, () => {
      let shown: Shown;

      before(async () => {
        shown = await show(browser, reportPage(report, MAKING), folder);
      });
      after(() => shown.page.close());

      async function measured(look: Look, ...expressions: string[]): Promise<string[]> {
        const { width = WIDE, colorScheme = 'light', media = 'screen' } = look;
        await shown.page.setViewportSize({ width, height: 900 });
        await shown.page.emulateMedia({ media, colorScheme });
        const wrong: string[] = [];
        for (const expression of expressions)
          wrong.push(...(await shown.page.evaluate<string[]>(expression)));
        return wrong;
      }

      it('is accessible to readers who cannot see it', async () => {
        expect(await measured({}, UNTOLD)).to.deep.equal([]);
      });

      for (const width of [400, WIDE]) {
        it(`fits ${width} px without scrolling sideways, with no text cut or too small`, async () => {
          expect(await measured({ width }, OVERFLOWING, CUT_TEXTS, TINY_TEXTS)).to.deep.equal([]);
        });
      }

      for (const colorScheme of ['light', 'dark'] as const) {
        it(`has the contrast of WCAG AA, ${colorScheme}`, async () => {
          expect(await measured({ colorScheme }, PALE_TEXTS, PALE_SHAPES)).to.deep.equal([]);
        });
      }

      it('prints in black on white without buttons, with no table cut, also where the screen is dark', async () => {
        const look: Look = { width: PRINTED, colorScheme: 'dark', media: 'print' };
        expect(await measured(look, OVERFLOWING, PALE_TEXTS, UNPRINTABLE)).to.deep.equal([]);
      });

      it('has made no request, raised no error and kept its own policy so far', () => {
        expect(shown.messages).to.deep.equal([]);
        expect(shown.requests).to.deep.equal([shown.url]);
      });
    });
  }

  it('shows all columns of the tables of rules and sweeps beside each other on a wide screen', async () => {
    await opened(largeReport(), async (page) => {
      await page.setViewportSize({ width: WIDE, height: 900 });
      const scrolled = `[...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > box.clientWidth)
        .map((box) => box.querySelector('caption').id).filter((id) => /^(rules|blocks|sweep)/.test(id))`;
      expect(await page.evaluate<string[]>(scrolled)).to.deep.equal([]);
    });
  });

  it('has every cell of every table in its PDF, and the head of a long table on each page', async () => {
    await opened(largeReport(), async (page) => {
      const path = join(folder, 'page.pdf');
      writeFileSync(path, await page.pdf());
      const text = execFileSync('pdftotext', ['-raw', path, '-'], { encoding: 'utf8' });
      const cells = `[...document.querySelectorAll('caption, td, tbody th')].map((cell) => cell.textContent)`;
      const bare = (each: string) => each.replace(/\s/g, '');
      const printed = bare(text);
      const missing = (await page.evaluate<string[]>(cells)).filter((cell) => !printed.includes(bare(cell)));
      expect(missing).to.deep.equal([]);
      const heads = text.split('\f').filter((sheet) => sheet.includes('Queue ID')).length;
      expect(heads, 'pages with the head of the table of mails').to.be.above(5);
    });
  });

  it('shows hostile texts as text, and they do nothing', async () => {
    await opened(hostileReport(ATTACK), async (page) => {
      expect(await page.evaluate<string | undefined>('document.body.dataset.taken')).to.equal(undefined);
      expect(await page.evaluate<number>('document.images.length')).to.equal(0);
      expect(await page.evaluate<number>('document.scripts.length')).to.equal(1);
      const cell = '[...document.querySelectorAll("#offenders ~ tbody th")].map((cell) => cell.textContent)';
      expect(await page.evaluate<string[]>(cell)).to.include(ATTACK);
    });
  });

  it('would not run an injected script, whatever its form', async () => {
    const page = reportPage(smallReport(), MAKING).replace('<main>', `<main>${ATTACK.slice(2)}`);
    const shown = await show(browser, page, folder);
    expect(await shown.page.evaluate<string | undefined>('document.body.dataset.taken')).to.equal(undefined);
    expect(shown.messages.join('\n')).to.match(/Content Security Policy/);
    await shown.page.close();
  });

  describe('sorted', () => {
    const values = `[...document.querySelectorAll('#sweep-0 ~ tbody th')].map((cell) => cell.textContent)`;
    const sorts = `[...document.querySelectorAll('#sweep-0 ~ thead th')].map((title) => title.getAttribute('aria-sort'))`;

    /** The seven titles: the table is sorted by one of them. */
    const sortedOn = (column: number, order: string) =>
      Array.from({ length: 7 }, (_, i) => (i === column ? order : 'none'));

    it('by a click on a title, numbers from the largest, and in reverse by a second click', async () => {
      await opened(smallReport(), async (page) => {
        const button = page.locator('table:has(#sweep-0) button', { hasText: 'Mails lost' });
        await button.click();
        expect(await page.evaluate(values)).to.deep.equal(['10', '20', '30 *', '50', '100']);
        expect(await page.evaluate(sorts)).to.deep.equal(sortedOn(5, 'descending'));
        await button.click();
        expect(await page.evaluate(values)).to.deep.equal(['100', '50', '30 *', '20', '10']);
        expect(await page.evaluate(sorts)).to.deep.equal(sortedOn(5, 'ascending'));
      });
    });

    for (const key of ['Enter', 'Space']) {
      it(`by the keyboard: Tab to a title, then ${key}`, async () => {
        await opened(smallReport(), async (page) => {
          await page.locator('div:has(> table > #sweep-0)').focus();
          await page.keyboard.press('Tab');
          await page.keyboard.press('Tab');
          await page.keyboard.press(key);
          expect(await page.evaluate(sorts)).to.deep.equal([
            'none',
            'descending',
            'none',
            'none',
            'none',
            'none',
            'none',
          ]);
          await page.keyboard.press(key);
          expect(await page.evaluate(values)).to.deep.equal(['100', '50', '30 *', '20', '10']);
        });
      });
    }

    it('with numbers in texts by their size, and unknown values last in both directions', async () => {
      await opened(smallReport(), async (page) => {
        const names = `[...document.querySelectorAll('#clients ~ tbody tr')].map((row) => row.cells[1].textContent)`;
        const ips = `[...document.querySelectorAll('#clients ~ tbody tr')].map((row) => row.cells[0].textContent)`;
        const button = (text: string) => page.locator('table:has(#clients) thead button', { hasText: text });
        await button('Name').click();
        expect(await page.evaluate(names)).to.deep.equal(['gw.office.example', 'mx.partner.example', '–']);
        await button('Name').click();
        expect(await page.evaluate(names)).to.deep.equal(['mx.partner.example', 'gw.office.example', '–']);
        await button('IP').click();
        expect(await page.evaluate(ips)).to.deep.equal([
          '192.0.2.7',
          '192.0.2.200',
          '2001:db8:1234:5678::/64',
        ]);
      });
    });
  });
});
