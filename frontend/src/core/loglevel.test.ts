import { describe, expect, it } from 'vitest';
import { afterDetails, continuesPrevious, LEVEL_NAMES, levelOf } from './loglevel';
import { bytesOf } from './testing/logs';

function level(text: string): string {
  const data = bytesOf(`ERROR ${text} ERROR`);
  return LEVEL_NAMES[levelOf(data, 6, data.length - 6)];
}

describe('levelOf', () => {
  it.each([
    ['2026-11-24T13:40:11Z INFO worker-1 request id=1', 'info'],
    ['2026-11-24 13:40:11,123 - root - WARNING - disk nearly full', 'warn'],
    ['[ERROR] boom', 'error'],
    ['[error] 29#29: *1 open() failed', 'error'],
    ['2026/11/24 13:40:11 [warn] 29#29: conflicting server name', 'warn'],
    ['error: something broke', 'error'],
    ['npm ERR! code ELIFECYCLE', 'error'],
    ['DEBUG:asyncio:Using selector', 'debug'],
    ['  TRACE details', 'debug'],
    ['\u001b[32mINFO\u001b[0m coloured', 'info'],
    ['\u001b[90m07:00:01\u001b[0m \u001b[31merror\u001b[39m: coloured and small', 'error'],
    ['2026-11-24 13:40:11.001 UTC [1] LOG:  database system is ready', 'info'],
    ['2026-11-24 13:40:11.001 UTC [33] FATAL:  role "root" does not exist', 'error'],
    ['13:40:11.000 |warn| careful', 'warn'],
    ['E1124 13:40:11.000001       1 reflector.go:138] failed', 'error'],
    ['I1124 13:40:11.000001       1 main.go:1] started', 'info'],
    ['<3>kernel: out of memory', 'error'],
    ['<30>daemon notice', 'info'],
    ['Traceback (most recent call last):', 'error'],
    ['CRITICAL the end', 'error'],
  ])('finds words: %j', (text, expected) => expect(level(text)).toBe(expected));

  it.each([
    ['ts=2026-11-24T13:40:11Z caller=main.go:1 level=warn msg="slow"', 'warn'],
    ['time="2026-11-24T13:40:11Z" level=error msg="failed to connect"', 'error'],
    ['lvl=eror msg=oops', 'error'],
    ['msg=hello severity="INFO"', 'info'],
    ['mylevel=error msg=no', ''],
  ])('reads logfmt: %j', (text, expected) => expect(level(text)).toBe(expected));

  it.each([
    ['{"level":"error","msg":"x"}', 'error'],
    ['{"time":"now","msg":"say \\"level\\": \\"warn\\"","level":"info"}', 'info'],
    ['{ "severity" : "WARNING" , "message": "x"}', 'warn'],
    ['{"level":30,"time":1,"msg":"pino"}', 'info'],
    ['{"level":60,"msg":"fatal"}', 'error'],
    ['{"level":3,"msg":"unknown scale"}', ''],
    ['{"@t":"2026","@l":"Debug"}', 'debug'],
    ['{"t":{"$date":"x"},"s":"W","c":"NETWORK"}', 'warn'],
    ['{"msg":"no level at all"}', ''],
    ['{"event":"error"}', ''],
    ['{broken "level', ''],
  ])('reads JSON: %j', (text, expected) => expect(level(text)).toBe(expected));

  it.each([
    '',
    'GET /api/v1/errors 200 12ms',
    'there was no error in this request',
    'GET /var/log/messages',
    'errors=0 warnings=0',
    'error_log is set',
    'an Error occurred far away',
    'hello log',
  ])('does not take %j for a level', (text) => expect(level(text)).toBe(''));

  it('looks only near the start', () => {
    expect(level(`${'x '.repeat(80)}ERROR`)).toBe('');
  });
});

describe('continuesPrevious', () => {
  it.each([
    ['\tat java.lang.Thread.run(Thread.java:1)', true],
    ['    File "x.py", line 1', true],
    ['Caused by: java.io.IOException', true],
    [' one blank', false],
    ['plain', false],
    ['', false],
  ])('%j: %s', (text, expected) => {
    const data = bytesOf(text);
    expect(continuesPrevious(data, 0, data.length)).toBe(expected);
  });
});

describe('afterDetails', () => {
  it.each([
    ['ZONE=north,role=web {"level":"warn"}', '{"level":"warn"}'],
    [' without any', 'without any'],
    ['nothing', 'nothing'],
  ])('finds the message: %j', (text, message) => {
    const data = bytesOf(`${text} more`);
    const end = data.length - 5;
    expect(new TextDecoder().decode(data.subarray(afterDetails(data, 0, end), end))).toBe(message);
  });
});
