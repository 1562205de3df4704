/** The element of one log line. Everything in it is a text node: nothing a container writes is ever markup. */

import { count } from '../../core/format';
import { prettyJson, readJsonLine } from '../../core/logjson';
import { LEVEL_NAMES } from '../../core/loglevel';
import type { Notice, Row } from '../../core/logprotocol';
import type { Times } from '../../core/logsettings';
import { KIND_CONTINUES, KIND_NOTICE, KIND_STDERR, LEVEL_MASK } from '../../core/logstore';
import { parseInstant, toMillis } from '../../core/logtime';
import { inert, parse, type Segment } from '../../core/sgr';
import { el, icon } from '../../dom/elements';

export interface RowLook {
  readonly times: Times;
  readonly details: boolean;
  /** Names of the sources if there are several. */
  readonly sources: readonly string[];
  /** Whether a JSON line is shown spread out. */
  expanded(line: number): boolean;
  selected(line: number): boolean;
  /** Where the query matches in the text, null while unknown. */
  marks(key: string, text: string, row: number): readonly number[] | null;
  /** The match that the reader stands on. */
  readonly current: number | null;
}

const SHADES = 8;

/** Builds the row. */
export function buildRow(row: Row, look: RowLook): HTMLElement {
  if (row.kind & KIND_NOTICE) return noticeRow(row, look);
  const level = LEVEL_NAMES[(row.kind & LEVEL_MASK) as 0 | 1 | 2 | 3 | 4];
  const classes = ['ll', level, row.kind & KIND_STDERR ? 'err' : '', row.jump ? 'jump' : ''];
  if (look.selected(row.line)) classes.push('sel');
  const node = el('div', { class: classes.filter(Boolean).join(' '), 'data-line': String(row.line) });
  node.append(el('span', { class: 'bar' }), timeCell(row, look.times));
  if (look.sources.length > 0) node.append(sourceCell(row, look.sources));
  node.append(el('span', { class: 'lv' }, level.toUpperCase()), messageCell(row, look));
  return node;
}

function timeCell(row: Row, times: Times): HTMLElement {
  const ms = toMillis({ sec: row.sec, nano: row.nano });
  const iso = new Date(ms).toISOString();
  const nanos = `${iso.slice(0, 19)}.${String(row.nano).padStart(9, '0')}Z`;
  return el('time', { datetime: iso, title: `${fullTime(ms)}\n${nanos}` }, timeText(ms, nanos, times));
}

function timeText(ms: number, nanos: string, times: Times): string {
  if (times === 'utc') return nanos;
  return times === 'full' ? fullTime(ms) : clock(new Date(ms));
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

function clock(date: Date): string {
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

function fullTime(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(date)}`;
}

function sourceCell(row: Row, sources: readonly string[]): HTMLElement {
  const name = sources[row.source] ?? '';
  return el('span', { class: `src s${row.source % SHADES}`, title: name }, name);
}

function messageCell(row: Row, look: RowLook): HTMLElement {
  const cell = el('span', { class: 'm' });
  const [details, text] = look.details ? splitDetails(row.text) : ['', row.text];
  if (details) cell.append(el('span', { class: 'det' }, `${inert(details)} `));
  const json = row.cut > 0 ? null : readJsonLine(text);
  if (json) {
    const open = look.expanded(row.line);
    cell.append(unfold(open), json.message === '' ? '' : inert(json.message));
    for (const [name, value] of json.fields) {
      cell.append(json.message === '' && name === json.fields[0]?.[0] ? '' : ' ');
      cell.append(el('span', { class: 'jf' }, `${inert(name)}=`), inert(value));
    }
    if (open) cell.append(spread(json.value));
  } else {
    for (const segment of parse(text)) cell.append(segmentNode(segment));
  }
  if (row.cut > 0) cell.append(el('span', { class: 'cut' }, ` … ${count(row.cut, 'more character')}`));
  if (row.kind & KIND_CONTINUES) cell.append(el('span', { class: 'cut' }, ' …'));
  if (row.hit) highlight(cell, row, look);
  return cell;
}

/** With details the Engine puts `key=value,key=value ` before the message, just a blank if there are none. */
function splitDetails(text: string): [string, string] {
  const blank = text.indexOf(' ');
  return blank < 0 ? ['', text] : [text.slice(0, blank), text.slice(blank + 1)];
}

function unfold(open: boolean): HTMLElement {
  const label = open ? 'Fold the JSON' : 'Unfold the JSON';
  const button = el('button', { type: 'button', class: 'unfold', 'data-unfold': true, 'aria-label': label });
  button.setAttribute('aria-expanded', String(open));
  button.append(icon(open ? 'chevron-down' : 'chevron-right', true));
  return button;
}

function spread(value: unknown): HTMLElement {
  const block = el('span', { class: 'json' });
  for (const { text, cls } of prettyJson(value)) {
    block.append(cls ? el('span', { class: cls }, inertLines(text)) : text);
  }
  return block;
}

/** JSON.stringify escapes control characters but not the marks of direction. */
function inertLines(text: string): string {
  return text.split('\n').map(inert).join('\n');
}

function segmentNode(segment: Segment): Node {
  if (!segment.cls && !segment.fg && !segment.bg && !segment.href)
    return document.createTextNode(segment.text);
  const node = segment.href
    ? el('a', {
        class: segment.cls,
        href: segment.href,
        target: '_blank',
        rel: 'noopener noreferrer nofollow',
      })
    : el('span', { class: segment.cls });
  if (segment.fg) node.style.color = segment.fg;
  if (segment.bg) node.style.backgroundColor = segment.bg;
  node.append(segment.text);
  return node;
}

/** Wraps the matches in the cell's text nodes. */
function highlight(cell: HTMLElement, row: Row, look: RowLook): void {
  const text = cell.textContent ?? '';
  const ranges = look.marks(`${row.line} ${text.length}`, text, row.row);
  if (!ranges) return;
  const current = look.current === row.line;
  for (let i = ranges.length - 2; i >= 0; i -= 2) {
    wrap(cell, ranges[i] as number, ranges[i + 1] as number, current);
  }
}

function wrap(cell: HTMLElement, start: number, end: number, current: boolean): void {
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  let at = 0;
  const parts: Array<[Text, number, number]> = [];
  for (
    let node = walker.nextNode() as Text | null;
    node && at < end;
    node = walker.nextNode() as Text | null
  ) {
    const from = Math.max(0, start - at);
    const to = Math.min(node.length, end - at);
    if (from < to) parts.push([node, from, to]);
    at += node.length;
  }
  for (const [node, from, to] of parts) {
    const middle = from > 0 ? node.splitText(from) : node;
    if (to - from < middle.length) middle.splitText(to - from);
    const mark = el('mark', current ? { class: 'cur' } : {});
    middle.replaceWith(mark);
    mark.append(middle);
  }
}

/** Something that happened to the log, in words. */
function noticeRow(row: Row, look: RowLook): HTMLElement {
  const notice = JSON.parse(row.text) as Notice;
  const who = look.sources.length > 0 ? `${look.sources[row.source] ?? ''}: ` : '';
  const node = el('div', { class: `ll-note ${noticeClass(notice)}`, 'data-line': String(row.line) });
  node.append(icon(noticeIcon(notice), true), el('span', {}, who + noticeText(notice)));
  if (notice.kind === 'gap')
    node.append(el('button', { type: 'button', class: 'btn sm', 'data-fill': true }, 'Load them'));
  return node;
}

function noticeClass(notice: Notice): string {
  if (notice.kind === 'gap' || notice.kind === 'lost') return 'warn';
  return notice.kind === 'stopped' && notice.exit !== 0 ? 'bad' : '';
}

function noticeIcon(notice: Notice): string {
  const icons = {
    gap: 'triangle-alert',
    lost: 'triangle-alert',
    stopped: 'square',
    started: 'play',
    removed: 'trash-2',
  };
  return icons[notice.kind];
}

function leftOut(n: number, when: string): string {
  return n === 1 ? `1 line ${when} was left out` : `${n.toLocaleString()} lines ${when} were left out`;
}

function noticeText(notice: Notice): string {
  const between = (from: string, to: string) => {
    const [a, b] = [from, to].map((text) => fullTime(toMillis(parseInstant(text) ?? { sec: 0, nano: 0 })));
    return `between ${a} and ${b}`;
  };
  switch (notice.kind) {
    case 'gap':
      if (notice.count)
        return `${leftOut(notice.count, between(notice.from, notice.to))}: this tab could not keep up.`;
      return `Lines ${between(notice.from, notice.to)} have not been loaded.`;
    case 'lost':
      return `Lines ${between(notice.from, notice.to)} are missing: the Engine no longer has them.`;
    case 'started':
      return 'The container was started.';
    case 'removed':
      return 'The container was removed.';
    case 'stopped': {
      const why = notice.oom ? ', out of memory' : notice.error ? `: ${inert(notice.error)}` : '';
      return `The container stopped with exit code ${notice.exit}${why}.`;
    }
  }
}
