import { expect, it } from 'vitest';
import { readDomains, readOrigins } from '../../src/egress/network-rules.ts';

it('domains are read as addresses spell them', () => {
  expect(readDomains('')).toEqual([]);
  expect(readDomains(' Example.COM,*.a.example\n.b.example  c.example. ')).toEqual([
    'example.com',
    'a.example',
    'b.example',
    'c.example',
  ]);
  expect(readDomains('bücher.example 0x7f.1 [::1]')).toEqual(['xn--bcher-kva.example', '127.0.0.1', '[::1]']);
});

it.each(['https://a.example', 'a.example/path', 'a.example:80', 'user@a.example', '*', 'a.*.example', '[::1', 'a b?'])(
  '%j is no domain',
  (text) => expect(() => readDomains(text)).toThrow(/is not a domain/),
);

it('origins are read without their usual port', () => {
  expect(readOrigins('http://127.0.0.1:9000, HTTPS://Search.Internal:443')).toEqual([
    'http://127.0.0.1:9000',
    'https://search.internal',
  ]);
});

it.each(['a.example', 'http://a.example/', 'ftp://a.example', 'http://u@a.example', 'http://a.example:0', 'http://*'])(
  '%j is no origin',
  (text) => expect(() => readOrigins(text)).toThrow(/is not an origin/),
);
