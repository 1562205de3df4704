/**
 * A text area becomes an editor: `<div data-widget="code-editor" data-language="json|yaml|dockerfile"><textarea …>`. The
 * text area stays the form's field: it follows every change and its own `input` event tells others. CodeMirror lives in a
 * shadow root, where it uses adopted style sheets: nothing that a strict Content-Security-Policy would refuse.
 */

import { indentWithTab } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { dockerFile } from '@codemirror/legacy-modes/mode/dockerfile';
import { linter, lintGutter } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import { keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup, EditorView } from 'codemirror';
import { type Disposable, Disposables } from '../core/disposable';
import { el } from '../dom/elements';
import { listen } from '../dom/listen';
import type { Ctx } from '../registry';

const LANGUAGES: Readonly<Record<string, () => Extension>> = {
  json: () => [json(), linter(jsonParseLinter()), lintGutter()],
  yaml: () => yaml(),
  dockerfile: () => StreamLanguage.define(dockerFile),
};

/** The page's own colours: custom properties reach into the shadow root. */
const colors = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key, var(--accent))' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.atom], color: 'var(--warn)' },
  { tag: [tags.bool, tags.null, tags.keyword], color: 'var(--busy)' },
  { tag: [tags.comment], color: 'var(--text-3)' },
  { tag: [tags.punctuation, tags.separator], color: 'var(--text-2)' },
]);

const look = EditorView.theme({
  '&': { color: 'var(--text)', backgroundColor: 'transparent', fontSize: '12.5px', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--text-3)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-soft)' },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)' },
  // Upstream draws these with data: images, which the page's Content-Security-Policy refuses.
  '.cm-lint-marker': { width: '0.8em', height: '0.8em' },
  '.cm-lint-marker-error': { content: '"●"', color: 'var(--bad-dot)' },
  '.cm-lint-marker-warning': { content: '"●"', color: 'var(--warn-dot)' },
  '.cm-lintRange-error, .cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad-dot)',
  },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)', border: '1px solid var(--line)' },
});

class CodeEditor implements Disposable {
  readonly #release = new Disposables();
  readonly #field: HTMLTextAreaElement;
  readonly #host = el('div', { class: 'editor-host' });
  readonly #view: EditorView;

  constructor(root: HTMLElement) {
    const field = root.querySelector('textarea');
    if (!field) throw new Error('the code editor needs a text area');
    this.#field = field;
    root.append(this.#host);
    const shadow = this.#host.attachShadow({ mode: 'open' });
    this.#view = new EditorView({ state: this.#state(root), root: shadow, parent: shadow });
    field.hidden = true;
    // Somebody else filled the field (a template was chosen, the form was reset).
    this.#release.add(listen(field, 'change', () => this.#adopt()));
    if (field.form) this.#release.add(listen(field.form, 'reset', () => queueMicrotask(() => this.#adopt())));
    this.#release.add(() => this.#view.destroy());
  }

  dispose(): void {
    this.#release.dispose();
    this.#host.remove();
    this.#field.hidden = false;
  }

  #state(root: HTMLElement): EditorState {
    const language = LANGUAGES[root.dataset.language ?? '']?.() ?? [];
    const readOnly = this.#field.readOnly || this.#field.disabled;
    const label = this.#field.getAttribute('aria-label') ?? this.#field.labels?.[0]?.textContent ?? 'Text';
    return EditorState.create({
      doc: this.#field.value,
      extensions: [
        basicSetup,
        keymap.of([indentWithTab]),
        language,
        syntaxHighlighting(colors),
        look,
        EditorState.tabSize.of(2),
        EditorState.readOnly.of(readOnly),
        EditorView.contentAttributes.of({ 'aria-label': label.trim() }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) this.#publish(update.state.doc.toString());
        }),
      ],
    });
  }

  #publish(text: string): void {
    if (text === this.#field.value) return;
    this.#field.value = text;
    this.#field.dispatchEvent(new Event('input', { bubbles: true }));
  }

  #adopt(): void {
    const { doc } = this.#view.state;
    if (doc.toString() === this.#field.value) return;
    this.#view.dispatch({ changes: { from: 0, to: doc.length, insert: this.#field.value } });
  }
}

export function mount(element: HTMLElement, _ctx: Ctx): Disposable {
  return new CodeEditor(element);
}
