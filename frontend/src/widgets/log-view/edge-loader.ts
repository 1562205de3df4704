/** Loads on at the ends of what is there, when the reader comes near them. */
import type { LogClient } from '../../core/logclient';
import type { LogSettings } from '../../core/logsettings';

const NEAR_ROWS = 30;

export class EdgeLoader {
  #moved = false;

  /** The first row on screen is another one. */
  moved(): void {
    this.#moved = true;
  }

  /**
   * `first` and `last` are the rows on screen. With a filter only the reader's scrolling loads more: few rows may stand
   * for many lines, and filling the screen with them could read the whole log.
   */
  look(client: LogClient, settings: LogSettings, first: number, last: number): void {
    const { state } = client;
    if (state === null || state.lines === 0) return;
    const filtered = settings.level > 0 || settings.onlyMatches;
    if (filtered && !this.#moved) return;
    if (state.top === 'more' && state.bottom !== 'loading' && first < state.first + NEAR_ROWS) {
      this.#moved = false;
      client.older();
    }
    if (state.bottom === 'more' && last > state.next - NEAR_ROWS) client.newer();
  }
}
