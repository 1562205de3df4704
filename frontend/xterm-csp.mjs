// Makes @xterm/xterm 6 run under `style-src 'self'`: it creates <style> elements and a style attribute, which a
// Content-Security-Policy without 'unsafe-inline' refuses. The first become constructed style sheets, the second
// an assignment to `style.cssText`. The build fails when upstream's code no longer matches.
import fs from 'node:fs';

const STYLE_ELEMENTS = 3;
const STYLE_ATTRIBUTES = 1;

/** An object that xterm takes for its <style> element; what it writes lands in an adopted style sheet. */
const SHIM = `function __cssElement() {
  const element = document.createElement("template"), sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", { set(css) { sheet.replaceSync(css) }, get() { return "" } });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}`;

/** Returns xterm's module source with both constructs replaced; throws when it finds other counts than expected. */
export function patchXterm(source) {
  let elements = 0;
  let attributes = 0;
  const patched = source
    .replace(/[\w$.]+\.createElement\("style"\)/g, () => {
      elements++;
      return '__cssElement()';
    })
    .replace(
      /(\w+)\.setAttribute\("style",`\$\{\1\.getAttribute\("style"\)\|\|""\}\$\{(\w+)\};`\)/g,
      (_, element, css) => {
        attributes++;
        return `${element}.style.cssText+=${css}+";"`;
      },
    );
  if (elements !== STYLE_ELEMENTS || attributes !== STYLE_ATTRIBUTES) {
    throw new Error(
      `xterm's source no longer matches the CSP patch: ${elements} style elements (want ${STYLE_ELEMENTS}), ` +
        `${attributes} style attributes (want ${STYLE_ATTRIBUTES})`,
    );
  }
  return `${SHIM}\n${patched}`;
}

export default {
  name: 'xterm-csp',
  setup(build) {
    build.onLoad({ filter: /@xterm[\\/]xterm[\\/]lib[\\/]xterm\.mjs$/ }, async (args) => ({
      contents: patchXterm(await fs.promises.readFile(args.path, 'utf8')),
      loader: 'js',
    }));
  },
};
