import { createMark } from '../mark.ts';

/** What a request's log line tells of the calls in it. */
export interface RequestRecord {
  id: string;
  procedures: string[];
  /** The reasons of refused calls; the tRPC code of an error that has no reason. */
  refusals: string[];
  userId?: string;
}

const records = createMark<RequestRecord>('requestRecord');

/** @param request as the host has it: an `IncomingMessage`, or a web `Request`. */
export const keepRequestRecord = (request: object, record: RequestRecord): void => {
  records.put(request, record);
};

/** The record of this request, if it has passed one of the stack's handlers. */
export const requestRecordOf = (request: object): RequestRecord | undefined => records.of(request);
