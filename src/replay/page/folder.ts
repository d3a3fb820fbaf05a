// The part of the page's script that folds long tables, and that marks what is wider than its box.

/**
 * Without the script, and in print, tables are shown whole. A sorted table shows the first rows of the new order. The
 * style sheet hides the rows and shows the hint.
 */
export const FOLDER = `(() => {
  'use strict';
  for (const more of document.querySelectorAll('.more')) {
    const button = more.querySelector('button');
    const { classList } = more.previousElementSibling.querySelector('table');
    const fold = (isFolded) => {
      classList.toggle('folded', isFolded);
      button.setAttribute('aria-expanded', String(!isFolded));
      button.textContent = isFolded ? button.dataset.more : button.dataset.less;
    };
    button.addEventListener('click', () => {
      fold(!classList.contains('folded'));
      more.scrollIntoView({ block: 'nearest' });
    });
    fold(true);
    more.hidden = false;
  }
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const box = target.closest('.scroll');
      box.classList.toggle('wide', box.scrollWidth > box.clientWidth + 1);
    }
  });
  for (const box of document.querySelectorAll('.scroll')) {
    observer.observe(box);
    observer.observe(box.firstElementChild);
  }
})();
`;
