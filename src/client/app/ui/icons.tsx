import type { ReactNode } from 'react';

interface IconProps {
  className?: string;
}

/** Every icon is decoration: the words stand beside it or in its button's name. */
const Stroked = ({ className, children }: IconProps & { children: ReactNode }) => (
  <svg
    aria-hidden="true"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.75"
    strokeLinecap="round"
    strokeLinejoin="round"
    className={className}
  >
    {children}
  </svg>
);

export const KeyIcon = ({ className }: IconProps) => (
  <svg aria-hidden="true" viewBox="0 0 24 24" fill="currentColor" className={className}>
    <path
      fillRule="evenodd"
      d="M6.5 6.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11Zm-1.5 3.9a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2Z"
    />
    <path d="M11 9.6h10.3L23.4 12l-1.8 2.7-1.8-1.5-1.7 1.9-1.8-1.5-1.7 1.9-1.7-1.4L11 14.6z" />
  </svg>
);

export const AlertIcon = (props: IconProps) => (
  <Stroked {...props}>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7.5v5.25M12 16.25v.01" />
  </Stroked>
);

export const TrashIcon = (props: IconProps) => (
  <Stroked {...props}>
    <path d="M4.5 7h15M9.5 7V4.75h5V7M6.5 7l.75 12.25h9.5L17.5 7M10.25 10.75v5M13.75 10.75v5" />
  </Stroked>
);

export const EyeIcon = ({ crossed, ...props }: IconProps & { crossed: boolean }) => (
  <Stroked {...props}>
    <path d="M2.75 12C4.5 8.25 8 6 12 6s7.5 2.25 9.25 6C19.5 15.75 16 18 12 18s-7.5-2.25-9.25-6Z" />
    <circle cx="12" cy="12" r="2.75" />
    {crossed && <path d="M4.5 4.5l15 15" />}
  </Stroked>
);

export const ComputerIcon = (props: IconProps) => (
  <Stroked {...props}>
    <rect x="4.5" y="5" width="15" height="10.5" rx="1.5" />
    <path d="M2.5 19h19" />
  </Stroked>
);

export const PhoneIcon = (props: IconProps) => (
  <Stroked {...props}>
    <rect x="7" y="3" width="10" height="18" rx="2.25" />
    <path d="M11 17.75h2" />
  </Stroked>
);

export const TabletIcon = (props: IconProps) => (
  <Stroked {...props}>
    <rect x="4.5" y="3.5" width="15" height="17" rx="2" />
    <path d="M11 17.5h2" />
  </Stroked>
);

export const TerminalIcon = (props: IconProps) => (
  <Stroked {...props}>
    <rect x="3.5" y="4.5" width="17" height="15" rx="2" />
    <path d="M7.5 9.5l2.5 2.5-2.5 2.5M12.5 15h4" />
  </Stroked>
);

export const OfflineIcon = (props: IconProps) => (
  <Stroked {...props}>
    <path d="M4 4l16 16M5 12.5a10 10 0 0 1 4-2.4M2.5 9a14.5 14.5 0 0 1 4-2.6M11 5.55A14.5 14.5 0 0 1 21.5 9M15 10.3a10 10 0 0 1 4 2.2M8.5 16a5 5 0 0 1 6 -.4M12 19.5v.01" />
  </Stroked>
);
