import type { Response } from 'express';

/** What a request's log line tells of the calls in it. */
export interface RequestRecord {
  id: string;
  procedures: string[];
  /** The reasons of refused calls; the tRPC code of an error that has no reason. */
  refusals: string[];
  userId?: string;
}

const records = new WeakMap<Response, RequestRecord>();

export const keepRequestRecord = (res: Response, record: RequestRecord): void => {
  records.set(res, record);
};

/** The record of this response, if it has passed the stack's handler. */
export const requestRecordOf = (res: Response): RequestRecord | undefined => records.get(res);
