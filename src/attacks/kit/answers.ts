import { z } from 'zod/v4';
import type { Answer } from './http.ts';

const errorSchema = z.object({
  error: z.object({ message: z.string(), data: z.looseObject({ code: z.string(), reason: z.string().optional() }) }),
});
const grantSchema = z.object({ result: z.object({ data: z.object({ accessToken: z.string() }) }) });

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The errors in an answer: one, one for each call of a batch, or none. */
export const errorsIn = ({ text }: Answer) =>
  [parse(text)].flat().flatMap((part) => {
    const { data } = errorSchema.safeParse(part);
    return data === undefined ? [] : [data.error];
  });

/** The reason for which the first call was refused, or tRPC's code. */
export const reasonIn = (answer: Answer): string | undefined => {
  const [error] = errorsIn(answer);
  return error?.data.reason ?? error?.data.code;
};

export const accessTokenIn = ({ text }: Answer): string =>
  grantSchema.parse([parse(text)].flat()[0]).result.data.accessToken;

/** The values of the cookies that an answer sets, by their names. */
export const cookiesIn = ({ setCookies }: Answer): Map<string, string> =>
  new Map(
    setCookies.map((line) => {
      const pair = line.split(';', 1)[0] ?? '';
      const end = pair.indexOf('=');
      return [pair.slice(0, end), pair.slice(end + 1)];
    }),
  );

export const cookieHeader = (cookies: ReadonlyMap<string, string>): string =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
