/** What the page is told about a view, and how often. */
import type { LogAnswers } from './loganswers';
import { histogram } from './loghistogram';
import type { Edge, ViewState } from './logprotocol';
import { openGaps } from './logseen';
import type { LogSession, SessionEnvironment } from './logsession';

const STATE_MS = 40;
const HISTOGRAM_MS = 1_000;
const FIRST_HISTOGRAM_MS = 120;
const BARS = 120;
const TAIL_ROWS = 90;

export class LogReport {
  /** Lines that came; the rate is made from it. */
  lines = 0;
  #rate = { since: 0, value: 0 };
  #timer: number | undefined;
  #due = 0;
  #at = 0;
  #histogramTimer: number | undefined;
  #drawn = false;

  constructor(
    readonly env: SessionEnvironment,
    readonly session: LogSession,
    readonly answers: LogAnswers,
  ) {}

  /** Something changed: the page hears of it soon, a lone line at once. */
  soon(): void {
    this.later(this.#at + STATE_MS - this.env.now());
  }

  /** Tells the page after `ms`, if nothing makes it do so earlier. */
  later(ms: number): void {
    const due = this.env.now() + Math.max(0, ms);
    if (this.#timer !== undefined) {
      if (this.#due <= due) return;
      this.env.clearTimeout(this.#timer);
    }
    this.#due = due;
    this.#timer = this.env.setTimeout(() => this.#now(), due - this.env.now());
  }

  #now(): void {
    this.#timer = undefined;
    this.#at = this.env.now();
    this.session.settle(this.#at);
    this.#post();
  }

  #post(): void {
    this.env.post({ t: 'state', state: this.#state() });
    const wait = this.#drawn ? HISTOGRAM_MS : FIRST_HISTOGRAM_MS;
    this.#histogramTimer ??= this.env.setTimeout(() => {
      this.#histogramTimer = undefined;
      this.#drawn = this.session.store.count > 0;
      this.env.post({ t: 'histogram', histogram: histogram(this.session.store, BARS) });
    }, wait);
  }

  #state(): ViewState {
    const { store, rows, view, paused, feeds, query, dropped } = this.session;
    return {
      version: rows.version,
      first: rows.first,
      next: rows.next,
      lines: store.logged,
      bytes: store.textBytes,
      rate: this.#measure(),
      top: this.#topEdge(),
      bottom: this.#bottomEdge(),
      dropped,
      gaps: openGaps(store),
      sources: feeds.map((feed) => feed.state),
      hits: query.state,
      tail: view.following && !paused ? this.answers.rowsFrom(rows.next - TAIL_ROWS, rows.next) : null,
    };
  }

  #topEdge(): Edge {
    if (this.session.pager.busy) return 'loading';
    if (!this.session.top.atStart) return 'more';
    return this.session.options.since === null ? 'start' : 'limit';
  }

  #bottomEdge(): Edge {
    if (this.session.paused) return 'more';
    const phases = this.session.feeds.map((feed) => feed.state.phase);
    if (phases.every((phase) => phase === 'complete' || phase === 'failed')) return 'end';
    return phases.includes('opening') ? 'loading' : 'live';
  }

  /** Lines per second over the last second or so, without what was history. */
  #measure(): number {
    const now = this.env.now();
    const span = now - this.#rate.since;
    if (span >= 1_000) {
      const live = this.session.feeds.every((feed) => feed.state.phase !== 'opening');
      this.#rate = { since: now, value: live && span < 3_000 ? (this.lines * 1000) / span : 0 };
      this.lines = 0;
    }
    if (this.#rate.value > 0 || this.lines > 0) this.later(1_100);
    return this.#rate.value;
  }
}
