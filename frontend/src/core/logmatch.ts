/** The matching worker's work: holds one query, answers what is asked about it. */
import type { MatchAnswer, MatchRequest } from './logquery';
import { compileQuery, matchingLines, matchRanges } from './logsearch';

export function matchRequest(): (request: MatchRequest) => MatchAnswer {
  let re: RegExp | null = null;
  return (request) => {
    if (request.t === 'query') {
      const compiled = compileQuery(request.query);
      re = 're' in compiled ? compiled.re : null;
      return { t: 'query', error: 'error' in compiled ? compiled.error : '' };
    }
    if (request.t === 'lines') {
      const places = re === null ? [] : matchingLines(request.text, request.starts, request.count, re);
      return { t: 'lines', places };
    }
    const { items } = request;
    return {
      t: 'marks',
      items: items.map(({ key, text }) => ({ key, ranges: re === null ? [] : matchRanges(text, re) })),
    };
  };
}
