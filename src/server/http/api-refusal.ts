import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';

type Code = keyof typeof TRPC_ERROR_CODES_BY_KEY;

const CODES: ReadonlyMap<number, Code> = new Map([
  [405, 'METHOD_NOT_SUPPORTED'],
  [408, 'TIMEOUT'],
  [413, 'PAYLOAD_TOO_LARGE'],
] as const);

const codeOf = (status: number): Code => CODES.get(status) ?? (status >= 500 ? 'INTERNAL_SERVER_ERROR' : 'BAD_REQUEST');

/** Whether a client of the API asks, which reads JSON. */
export const isForApi = (target: string | undefined): boolean =>
  /^\/api(?:\/|$)/i.test((target ?? '').split('?', 1)[0] ?? '');

export interface ApiRefusal {
  status: number;
  message: string;
  requestId: string | undefined;
}

/** A refusal that comes before tRPC, in the shape of tRPC's own. */
export const apiRefusal = ({ status, message, requestId }: ApiRefusal) => {
  const code = codeOf(status);
  return { error: { message, code: TRPC_ERROR_CODES_BY_KEY[code], data: { code, httpStatus: status, requestId } } };
};
