import { createCoreSlot } from './slot.ts';

/** What is done beside the requests, and by no timer where a runtime stops between them. */
export interface PendingWork {
  /** What is under way, begun now if it is due. Undefined: nothing is. Never rejects. */
  pending(): Promise<unknown> | undefined;
}

export const pendingWorkSlot = createCoreSlot<PendingWork>('pending-work');
