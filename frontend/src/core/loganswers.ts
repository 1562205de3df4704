/** Answers to the page's questions about a view: its rows, the next match, the place of a time. */
import type { Answers, Question, Row } from './logprotocol';
import type { LogQuery } from './logquery';
import type { RowIndex } from './logrows';
import { gapBefore } from './logseen';
import { KIND_NOTICE, type LogStore, type StoredLine } from './logstore';
import { compareInstants, parseInstant } from './logtime';
import { strip } from './sgr';

/** A longer line is cut for the screen; copies and downloads have all of it. */
const SHOWN = 10_000;
const MOST_ROWS = 1_000;

export class LogAnswers {
  constructor(
    readonly store: LogStore,
    readonly rows: RowIndex,
    readonly query: LogQuery,
  ) {}

  answer(question: Question): Answers[keyof Answers] {
    switch (question.q) {
      case 'rows':
        return question.version === this.rows.version ? this.rowsFrom(question.from, question.to) : null;
      case 'text':
        return this.#text(question.from, question.to, question.times);
      case 'find':
        return this.#find(question.row, question.forwards);
      case 'gap':
        return this.#gap(question.before);
      case 'row':
        return this.rows.row(question.line);
      case 'time':
        return this.#time(question.at, question.ordinal);
      case 'ordinal':
        return this.#ordinal(question.line);
    }
  }

  /** Rows `[from, to)` as far as they exist. */
  rowsFrom(from: number, to: number): Row[] {
    const rows: Row[] = [];
    const start = Math.max(from, this.rows.first);
    const stop = Math.min(to, this.rows.next, start + MOST_ROWS);
    let before = this.rows.line(start - 1);
    for (let row = start; row < stop; row++) {
      const number = this.rows.line(row);
      const line = number === undefined ? null : this.store.line(number);
      if (line === null) continue;
      rows.push(this.#row(row, line, before));
      before = line.number;
    }
    return rows;
  }

  #row(row: number, line: StoredLine, before: number | undefined): Row {
    const cut = Math.max(0, line.text.length - SHOWN);
    return {
      row,
      line: line.number,
      text: cut > 0 ? line.text.slice(0, SHOWN) : line.text,
      cut,
      sec: line.time.sec,
      nano: line.time.nano,
      kind: line.kind,
      source: line.source,
      hit: this.query.isHit(line.number),
      jump: this.rows.filter.context > 0 && before !== undefined && before + 1 !== line.number,
    };
  }

  #text(from: number, to: number, times: boolean): Blob {
    const parts: string[] = [];
    const pieces: Blob[] = [];
    for (let row = Math.max(from, this.rows.first); row < Math.min(to, this.rows.next); row++) {
      const number = this.rows.line(row);
      const line = number === undefined ? null : this.store.line(number);
      if (line === null || line.kind & KIND_NOTICE) continue;
      parts.push(times ? `${isoNanos(line)} ` : '', strip(line.text), '\n');
      if (parts.length > 30_000) pieces.push(new Blob(parts.splice(0)));
    }
    return new Blob([...pieces, ...parts], { type: 'text/plain;charset=utf-8' });
  }

  #find(row: number, forwards: boolean): Answers['find'] {
    const numbers = this.query.finder?.numbers;
    if (!numbers || numbers.length === 0) return null;
    const here = this.rows.line(row) ?? (row >= this.rows.next ? this.store.next : this.store.first - 1);
    const place = forwards ? numbers.lowerBound(here + 1) : numbers.lowerBound(here) - 1;
    const index = (place + numbers.length) % numbers.length;
    for (let tries = 0; tries < numbers.length; tries++) {
      const at = (index + (forwards ? tries : -tries) + numbers.length) % numbers.length;
      const line = numbers.at(at) as number;
      if (this.rows.line(this.rows.row(line)) === line) return { row: this.rows.row(line), line, index: at };
    }
    return null;
  }

  #gap(before: number | null): Answers['gap'] {
    const { store } = this;
    const line = gapBefore(store, before ?? store.next) ?? gapBefore(store, store.next);
    return line === null ? null : { row: this.rows.row(line), line };
  }

  #time(at: string, ordinal: number): Answers['time'] {
    const time = parseInstant(at);
    if (time === null || this.store.count === 0) return null;
    let line = this.store.findTime(time);
    if (line === this.store.next) return null;
    for (let skip = ordinal; skip > 0; skip--) {
      const next = this.store.time(line + 1);
      if (next === null || compareInstants(next, time) !== 0) break;
      line++;
    }
    return { row: this.rows.row(line), line };
  }

  /** Which one it is of the lines with its time: a permalink must name one. */
  #ordinal(line: number): number {
    const time = this.store.time(line);
    let ordinal = 0;
    while (time !== null) {
      const before = this.store.time(line - ordinal - 1);
      if (before === null || compareInstants(before, time) !== 0) break;
      ordinal++;
    }
    return ordinal;
  }
}

function isoNanos(line: StoredLine): string {
  const seconds = new Date(line.time.sec * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(line.time.nano).padStart(9, '0')}Z`;
}
