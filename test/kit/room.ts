/**
 * In how many milliseconds something that is promised in `promisedMs` must be there while other tests have the processors too. Far enough to
 * be missed only by what is broken; how quick it is, `npm run bench` and the soaks say.
 */
export const withRoom = (promisedMs: number): number => 10 * promisedMs
