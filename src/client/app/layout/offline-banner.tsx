import { OfflineIcon } from '../ui/icons.tsx';

export const OfflineBanner = () => (
  <div role="status" className="bg-brass-soft text-on-brass">
    <p className="mx-auto flex max-w-6xl items-center gap-3 px-4 py-2.5 text-[0.9375rem] sm:px-8">
      <OfflineIcon className="size-5 shrink-0" />
      <span>You are offline. You stay signed in, and the page catches up when the connection is back.</span>
    </p>
  </div>
);
