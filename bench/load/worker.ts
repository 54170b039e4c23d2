import { orderSchema, type Report } from './plan.ts';
import { createVirtualUsers, type VirtualUsers } from './virtual-users.ts';

/** The process that makes the load: it takes a plan, and works whenever it is told to. */
let users: VirtualUsers | undefined;

const obey = async (message: unknown): Promise<Report> => {
  const order = orderSchema.parse(message);
  if (order.kind === 'plan') {
    users = createVirtualUsers(order.plan);
    return { kind: 'ready' };
  }
  if (users === undefined) throw new Error('There is no plan to work by.');
  return { kind: 'worked', worked: await users.work(order.milliseconds) };
};

process.on('message', (message) => {
  obey(message).then(
    (report) => process.send?.(report),
    (error: unknown) =>
      process.send?.({
        kind: 'failed',
        message: error instanceof Error ? error.message : String(error),
      } satisfies Report),
  );
});
