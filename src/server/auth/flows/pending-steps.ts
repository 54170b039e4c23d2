import type { PendingStep } from '../../../shared/auth/index.ts';
import { type Clock, SECOND } from '../clock.ts';
import { createCoreSlot } from '../slot.ts';
import type { Flow, FlowData } from './flow.ts';
import type { Flows } from './flows.ts';

/** A step as it is kept, without the time that is left. */
type KeptStep = PendingStep extends infer TStep ? (TStep extends unknown ? Omit<TStep, 'expiresIn'> : never) : never;

/**
 * The kinds of flows that a page comes back to after a reload, those first that somebody has to finish first: a
 * `confirm_link` waits beside a sign-in.
 */
const PENDING_KINDS = ['second_factor', 'sign_up', 'confirm_link'] as const satisfies PendingStep['next'][];

/** For the `data` of a flow that a page comes back to. */
export const keepStep = ({ expiresIn: _, ...step }: PendingStep): { step: KeptStep } => ({ step });

const isKept = (step: unknown): step is KeptStep =>
  typeof step === 'object' && step !== null && 'next' in step && PENDING_KINDS.some((kind) => kind === step.next);

const stepIn = (data: FlowData): KeptStep | undefined => {
  const step = data?.['step'];
  return isKept(step) ? step : undefined;
};

export interface PendingSteps {
  /** What the browser of this name has to finish, as it was first answered. */
  of(browser: string): Promise<PendingStep | undefined>;
}

export const pendingStepsSlot = createCoreSlot<PendingSteps>('pending-steps');

export const createPendingSteps = ({ flows, clock }: { flows: Flows; clock: Clock }): PendingSteps => ({
  of: async (browser) => {
    const found = await flows.find({ browser }, PENDING_KINDS);
    const [flow] = PENDING_KINDS.flatMap((wanted): Flow[] => found.filter(({ kind }) => kind === wanted));
    const step = flow && stepIn(flow.data);
    if (flow === undefined || step === undefined) return undefined;
    return { ...step, expiresIn: Math.max(1, Math.floor((flow.endsAt - clock.now()) / SECOND)) };
  },
});
