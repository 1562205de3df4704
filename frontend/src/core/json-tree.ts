/** A JSON document as a flat list of nodes in reading order, with folding and search. Made for documents of a megabyte. */

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

export interface JsonNode {
  /** Key in its object, index in its array, empty for the document itself. */
  readonly key: string;
  readonly value: unknown;
  readonly kind: JsonKind;
  readonly depth: number;
  /** Index of the node it is in; -1 for the document itself. */
  readonly parent: number;
  /** Index after its last descendant. */
  readonly end: number;
  /** Members or elements; 0 for a leaf. */
  readonly size: number;
}

function kindOf(value: unknown): JsonKind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'string';
}

function membersOf(value: unknown): Array<[string, unknown]> {
  if (Array.isArray(value)) return value.map((each, i) => [String(i), each]);
  return value !== null && typeof value === 'object' ? Object.entries(value) : [];
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** At first the document is open as deep as fits about one screen. */
const FIRST_SCREEN = 60;

export class JsonTree {
  readonly nodes: readonly JsonNode[];
  #open: Uint8Array;

  constructor(document: unknown) {
    const nodes: Array<JsonNode & { end: number }> = [];
    const walk = (key: string, value: unknown, depth: number, parent: number): void => {
      const members = membersOf(value);
      const index = nodes.length;
      const node = { key, value, kind: kindOf(value), depth, parent, end: index + 1, size: members.length };
      nodes.push(node);
      for (const [name, member] of members) walk(name, member, depth + 1, index);
      node.end = nodes.length;
    };
    walk('', document, 0, -1);
    this.nodes = nodes;
    this.#open = new Uint8Array(nodes.length);
    this.#openFirstScreen();
  }

  isOpen(index: number): boolean {
    return this.#open[index] === 1;
  }

  setOpen(index: number, open: boolean): void {
    this.#open[index] = open ? 1 : 0;
  }

  setAllOpen(open: boolean): void {
    this.#open.fill(open ? 1 : 0);
    this.#open[0] = 1;
  }

  /** Opens everything around a node. */
  reveal(index: number): void {
    for (let at = this.nodes[index]?.parent ?? -1; at >= 0; at = this.nodes[at]?.parent ?? -1)
      this.setOpen(at, true);
  }

  /** Indexes of the nodes that show, in order; the document itself does not, unless it is a mere value. */
  visible(): number[] {
    if (this.nodes[0]?.size === 0) return [0];
    const shown: number[] = [];
    let at = 1;
    while (at < this.nodes.length) {
      shown.push(at);
      at = this.isOpen(at) ? at + 1 : (this.nodes[at]?.end ?? at + 1);
    }
    return shown;
  }

  /** Indexes of the nodes whose key or value contains the text, ignoring case. */
  search(text: string): number[] {
    const wanted = text.toLowerCase();
    if (wanted === '') return [];
    const found: number[] = [];
    this.nodes.forEach((node, index) => {
      const value =
        node.size > 0 || node.kind === 'object' || node.kind === 'array' ? '' : String(node.value);
      if (index > 0 && (node.key.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted)))
        found.push(index);
    });
    return found;
  }

  /** The way to a node as jq spells it: `.State.Health.Log[0].Output`, `.Config.Labels["com.example.a"]`. */
  path(index: number): string {
    const parts: string[] = [];
    for (let at = index; at > 0; at = this.nodes[at]?.parent ?? 0) {
      const node = this.nodes[at];
      if (!node) break;
      if (this.nodes[node.parent]?.kind === 'array') parts.unshift(`[${node.key}]`);
      else parts.unshift(IDENTIFIER.test(node.key) ? `.${node.key}` : `[${JSON.stringify(node.key)}]`);
    }
    const path = parts.join('');
    return path.startsWith('.') ? path : `.${path}`;
  }

  /** What "copy value" copies: a string as it is, anything else as JSON. */
  text(index: number): string {
    const value = this.nodes[index]?.value;
    return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  }

  #openFirstScreen(): void {
    this.#open[0] = 1;
    let lines = this.nodes[0]?.size ?? 0;
    for (let depth = 1; ; depth++) {
      const level = this.nodes.flatMap((node, i) => (node.depth === depth && node.size > 0 ? [i] : []));
      for (const index of level) lines += this.nodes[index]?.size ?? 0;
      if (level.length === 0 || lines > FIRST_SCREEN) return;
      for (const index of level) this.setOpen(index, true);
    }
  }
}
