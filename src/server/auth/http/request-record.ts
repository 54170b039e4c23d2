import type { Response } from 'express';

/** What a request's log line tells of the calls in it. The app's log reads it from `res.locals.request`. */
export interface RequestRecord {
  id: string;
  procedures: string[];
  /** The reasons of refused calls; the tRPC code of an error that has no reason. */
  refusals: string[];
  userId?: string;
}

/** The record of this response, if a handler of the stack has made one. */
export const requestRecordOf = (res: Response): RequestRecord | undefined => {
  const record: RequestRecord | undefined = res.locals.request;
  return record;
};
