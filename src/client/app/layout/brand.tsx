import { Link } from '@tanstack/react-router';
import { KeyIcon } from '../ui/icons.tsx';

export const Brand = () => (
  <Link to="/" className="-mx-1 inline-flex min-h-11 items-center gap-2.5 rounded-lg px-1">
    <span className="grid size-8 place-items-center rounded-[0.625rem] bg-enamel text-[#f0c463]">
      <KeyIcon className="size-5 -rotate-45" />
    </span>
    <span className="font-display text-lg font-bold tracking-tight">Latchkey</span>
  </Link>
);
