import { isLoopbackHost } from './hosts.ts';

/** What is wrong with the address of a list, if anything is. */
export const breachCheckUrlProblem = (text: string): string | undefined => {
  const example = 'must be as in https://api.pwnedpasswords.com/range';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') return example;
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    return `${example}: over http anyone on the way can answer`;
  }
  return undefined;
};
