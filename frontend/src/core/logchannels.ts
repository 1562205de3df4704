/** The channels that a view has open, by the keys it gave them. */
import type { WorkerMessage } from './logprotocol';
import { LogStream, type StreamEvents } from './logstream';
import type { ServerMessage } from './socket';

export interface ChannelEnvironment {
  post(message: WorkerMessage): void;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(id: number): void;
}

export class LogChannels {
  #streams = new Map<number, LogStream>();
  #lastKey = 0;

  constructor(readonly env: ChannelEnvironment) {}

  open(args: Record<string, unknown>, events: StreamEvents): LogStream {
    const { env } = this;
    const port = {
      open: (key: number, opened: Record<string, unknown>) => env.post({ t: 'open', key, args: opened }),
      close: (key: number) => {
        this.#streams.delete(key);
        env.post({ t: 'close', key });
      },
      ack: (key: number, n: number) => env.post({ t: 'ack', key, n }),
      setTimeout: (callback: () => void, ms: number) => env.setTimeout(callback, ms),
      clearTimeout: (id: number) => env.clearTimeout(id),
    };
    const stream = new LogStream(port, ++this.#lastKey, args, events);
    this.#streams.set(stream.key, stream);
    return stream;
  }

  bytes(key: number, data: Uint8Array): void {
    this.#streams.get(key)?.bytes(data);
  }

  message(key: number, message: ServerMessage): void {
    const stream = this.#streams.get(key);
    stream?.message(message);
    if (stream?.over) this.#streams.delete(key);
  }

  dropped(key: number): void {
    const stream = this.#streams.get(key);
    this.#streams.delete(key);
    stream?.dropped();
  }
}
