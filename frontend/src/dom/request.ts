/** Requests that scripts make: with the page's own headers (CSRF token), answers as JSON. */
export interface Answer<T> {
  readonly status: number;
  /** null when the answer was not JSON or never came (status 0). */
  readonly body: T | null;
}

/** The headers that `<body hx-headers:inherited='{"X-CSRFToken": "…"}'>` gives every request of the page. */
export function pageHeaders(): Record<string, string> {
  const text = document.body.getAttribute('hx-headers:inherited');
  return text ? (JSON.parse(text) as Record<string, string>) : {};
}

/** Sends form fields by POST, or asks by GET without them. Never throws: a failed connection is status 0. */
export async function requestJson<T>(url: string, fields?: URLSearchParams | FormData): Promise<Answer<T>> {
  try {
    const response = await fetch(url, {
      method: fields ? 'POST' : 'GET',
      headers: { ...pageHeaders(), Accept: 'application/json' },
      ...(fields ? { body: fields } : {}),
    });
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: isJson ? ((await response.json()) as T) : null };
  } catch {
    return { status: 0, body: null };
  }
}
