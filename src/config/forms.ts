import { z } from 'zod';

/** The forms that values of the environment take. Each message says what is wanted and holds no value. */

export const text = (fallback: string) => z.string().default(fallback);

export const optionalText = z.string().optional();

export const wholeNumber = (range: Range, fallback: number) => numberWithin(range).default(fallback);

export const optionalWholeNumber = (range: Range) => numberWithin(range).optional();

interface Range {
  readonly least: number;
  readonly most: number;
}

function numberWithin(range: Range) {
  const wanted = `must be a whole number from ${range.least} to ${range.most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, wanted)
    .transform(Number)
    .refine(value => value >= range.least && value <= range.most, wanted);
}

export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, `must be one of ${words.join(', ')}`);

/** Undefined where the variable is not there. */
export const onOrOff = oneOf(['on', 'off'])
  .transform(word => word === 'on')
  .optional();

export const wordList = z
  .string()
  .transform(value => value.split(',').map(word => word.trim()))
  .refine(words => words.every(word => word !== ''), 'has an empty entry');

export const originList = wordList
  .refine(origins => origins.every(isOrigin), 'must be a list of origins, e.g. https://crm.example')
  .default([]);

export const loopbackWebSocketUrl = z
  .string()
  .refine(value => {
    const url = parseUrl(value);
    return url?.protocol === 'ws:' && isLoopback(url.hostname);
  }, 'must be a ws:// URL on a loopback address')
  .optional();

/** Not parsed as a URL: it may name several hosts. */
export const mongoUri = z
  .string()
  .regex(/^mongodb(\+srv)?:\/\/[^\s/]+(\/\S*)?$/, 'must be a mongodb:// or mongodb+srv:// URI')
  .optional();

export const redisUrl = z
  .string()
  .refine(value => {
    const url = parseUrl(value);
    return (url?.protocol === 'redis:' || url?.protocol === 'rediss:') && url.hostname !== '';
  }, 'must be a redis:// or rediss:// URL')
  .optional();

export const hostName = z.string().regex(/^[\w.:[\]-]+$/, 'must be the name or address of a host');

export const databaseName = z.string().regex(/^[\w-]{1,64}$/, 'must be a name of letters, digits, _ and -');

export const keySetUrl = z
  .string()
  .refine(value => {
    const url = parseUrl(value);
    return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  }, 'must be an https:// URL, or http:// on a loopback address')
  .optional();

export const httpUrl = z
  .string()
  .refine(value => /^https?:$/.test(parseUrl(value)?.protocol ?? ''), 'must be an http:// or https:// URL')
  .optional();

/** Whether only this machine can reach the address, so that a made-up secret is safe enough. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

const isOrigin = (value: string) => parseUrl(value)?.origin === value;

function parseUrl(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined;
}
