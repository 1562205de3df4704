/**
 * Hides what the actor may not do: `<button data-needs="container.start">`. Live HTML is rendered once for all viewers,
 * so each browser hides by its own list, which the page gives as `<body data-denied>`. The server refuses all the same.
 */
export function installNeeds(): void {
  const denied = (document.body.dataset.denied ?? '').split(' ').filter(Boolean);
  if (denied.length === 0) return;
  const sheet = new CSSStyleSheet();
  const selectors = denied.map((name) => `[data-needs="${CSS.escape(name)}"]`);
  sheet.replaceSync(`${selectors.join(',')}{display:none!important}`);
  document.adoptedStyleSheets.push(sheet);
}
