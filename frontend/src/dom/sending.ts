/** Sending a body with progress. `fetch` cannot tell how much has gone out; XMLHttpRequest can. */
import { pageHeaders } from './request';

export interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | null;
}

export interface Sending {
  /** Status 0: the connection broke, or it was aborted. Never rejects. */
  readonly answered: Promise<Answered>;
  abort(): void;
}

function json(text: string): Answered['body'] {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Posts the body; `progress` gets the bytes that have gone out. */
export function send(url: string, body: Blob, type: string, progress: (sent: number) => void): Sending {
  const request = new XMLHttpRequest();
  request.open('POST', url);
  for (const [name, value] of Object.entries(pageHeaders())) request.setRequestHeader(name, value);
  request.setRequestHeader('Accept', 'application/json');
  request.setRequestHeader('Content-Type', type);
  request.upload.addEventListener('progress', (event) => progress(event.loaded));
  const answered = new Promise<Answered>((resolve) => {
    request.addEventListener('loadend', () => {
      resolve({ status: request.status, body: json(request.responseText) });
    });
  });
  request.send(body);
  return { answered, abort: () => request.abort() };
}
