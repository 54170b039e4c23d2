import { KeyIcon } from '../ui/icons.tsx';

export const NoNotes = () => (
  <div className="grid justify-items-center rounded-3xl border border-dashed border-edge px-6 py-14 text-center">
    <span className="grid size-14 place-items-center rounded-full bg-brass-soft text-on-brass">
      <KeyIcon className="size-7 -rotate-45" />
    </span>
    <p className="mt-5 font-display text-xl font-bold">Nothing here yet</p>
    <p className="mt-1 max-w-sm text-balance text-muted">Write the first one above. Only you can read it.</p>
  </div>
);
