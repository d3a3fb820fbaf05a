// Checks inside the browser: expressions that it evaluates, each with a list of what is wrong as its result.

const COLORS = `
  const parts = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const blend = ([r, g, b, a = 1], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
  const light = (color) => {
    const [r, g, b] = color.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    if (element === null) return [255, 255, 255];
    const own = parts(getComputedStyle(element).backgroundColor);
    return own[3] === 0 ? ground(element.parentElement) : blend(own, ground(element.parentElement));
  };`;

/** WCAG 2.2 1.4.3, level AA: 4.5:1 for all texts, the large ones as well. */
export const PALE_TEXTS = `(() => {${COLORS}
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const pale = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === '' || element.closest('script, title, desc')) continue;
    const style = getComputedStyle(element);
    const color = parts(element.closest('svg') ? style.fill : style.color);
    const below = ground(element);
    const ratio = contrast(blend(color, below), below);
    if (!(ratio >= 4.5)) pale.push(ratio.toFixed(2) + ' ' + node.data.trim());
  }
  return pale;
})()`;

/** WCAG 2.2 1.4.11: 3:1 for what must be seen of a drawing. */
export const PALE_SHAPES = `(() => {${COLORS}
  return [...document.querySelectorAll('.area, .mark, .limit, .curve, .point')].flatMap((element) => {
    const style = getComputedStyle(element);
    const isLine = element.matches('.limit, .curve, .point');
    const color = parts(isLine ? style.stroke : style.fill).slice(0, 3);
    const below = ground(element);
    const ratio = contrast(blend([...color, isLine ? 1 : Number(style.fillOpacity)], below), below);
    return ratio >= 3 ? [] : [ratio.toFixed(2) + ' ' + element.outerHTML.slice(0, 80)];
  });
})()`;

/** Whatever is wider than the window, or than its own box where it cannot be scrolled. */
export const OVERFLOWING = `(() => {
  const width = document.documentElement.clientWidth;
  const page = document.documentElement.scrollWidth > width ? ['page ' + document.documentElement.scrollWidth] : [];
  const wide = [...document.querySelectorAll('body *:not(svg *)')].filter((element) => {
    if (element.parentElement.closest('.scroll, pre') && getComputedStyle(element.parentElement.closest('.scroll, pre')).overflowX !== 'visible') return false;
    return element.getBoundingClientRect().right > width + 0.5;
  });
  return [...page, ...wide.map((element) => element.outerHTML.slice(0, 120))];
})()`;

/** Texts that are smaller on the screen than 10 px. */
export const TINY_TEXTS = `[...document.querySelectorAll('body *')].flatMap((element) => {
  if (![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')) return [];
  if (element.closest('script, title, desc')) return [];
  const svg = element.closest('svg');
  const factor = svg === null ? 1 : svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const size = parseFloat(getComputedStyle(element).fontSize) * factor;
  return size >= 10 ? [] : [size.toFixed(1) + ' ' + element.textContent];
})`;

/** Texts of a drawing that reach over its edge. */
export const CUT_TEXTS = `[...document.querySelectorAll('svg text')].flatMap((text) => {
  const own = text.getBoundingClientRect();
  const all = text.ownerSVGElement.getBoundingClientRect();
  const isInside = own.left >= all.left - 1 && own.right <= all.right + 1 && own.top >= all.top - 1 && own.bottom <= all.bottom + 1;
  return isInside ? [] : [text.textContent];
})`;

/** What a screen reader would miss. */
export const UNTOLD = `(() => {
  const wrong = [];
  const levels = [...document.querySelectorAll('h1, h2, h3')].map((heading) => Number(heading.tagName[1]));
  if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1) wrong.push('not one h1');
  levels.forEach((level, i) => { if (i > 0 && level > levels[i - 1] + 1) wrong.push('a level is left out'); });
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) wrong.push('an id stands twice');
  for (const element of document.querySelectorAll('[aria-labelledby]'))
    for (const id of element.getAttribute('aria-labelledby').split(' '))
      if (!document.getElementById(id)?.textContent.trim()) wrong.push('nothing is called ' + id);
  for (const svg of document.querySelectorAll('svg'))
    if (svg.getAttribute('role') !== 'img' || !svg.querySelector(':scope > title') || !svg.querySelector(':scope > desc')) wrong.push('a drawing without words');
  for (const table of document.querySelectorAll('table'))
    if (!table.caption?.textContent || table.querySelector('thead th:not([scope=col])') || table.querySelector('tbody th:not([scope=row])')) wrong.push('a table without titles');
  for (const region of document.querySelectorAll('.scroll, pre'))
    if (region.tabIndex !== 0 || !region.getAttribute('aria-labelledby')) wrong.push('a box that a keyboard cannot scroll');
  return wrong;
})()`;

/** What has no place on paper: grounds that are not white, texts that are not black, what is to be pressed or scrolled. */
export const UNPRINTABLE = `[...document.querySelectorAll('body, body *:not(script, svg *)')].flatMap((element) => {
  if (element.getClientRects().length === 0) return [];
  const style = getComputedStyle(element);
  const isPlain = ['rgba(0, 0, 0, 0)', 'rgb(255, 255, 255)'].includes(style.backgroundColor) && style.color === 'rgb(0, 0, 0)';
  const isPaper = style.overflowX === 'visible' && style.overflowY === 'visible' && style.boxShadow.indexOf('inset') < 0;
  const isButton = element.matches('th button') && getComputedStyle(element, '::after').content !== 'none';
  return isPlain && (isPaper || element.matches('svg')) && !isButton ? [] : [element.outerHTML.slice(0, 80)];
})`;

/** Boxes that can be scrolled down. */
export const HIDDEN_ROWS = `[...document.querySelectorAll('.scroll, pre')].flatMap((box) =>
  box.scrollHeight > box.clientHeight + 1 && getComputedStyle(box).overflowY !== 'visible' ? [box.textContent.slice(0, 40)] : [])`;

/** Tables with columns out of sight and no word about them, or with such a word and no such column. */
export const UNMARKED = `[...document.querySelectorAll('.scroll')].flatMap((box) => {
  const isWide = box.scrollWidth > box.clientWidth + 1;
  return isWide === (getComputedStyle(box, '::after').content !== 'none') ? [] : [box.querySelector('caption').textContent];
})`;

/** Parts of names that are broken. */
export const BROKEN_NAMES = `(() => {
  const broken = [];
  for (const cell of document.querySelectorAll('.long')) {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (/\\s/.test(node.data)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(node.data);
    }
  }
  return broken;
})()`;
