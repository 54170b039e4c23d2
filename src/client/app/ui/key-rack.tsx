import { classes } from './classes.ts';

const PEGS = [72, 156, 240, 324, 408];

/** The key that is not on the rack is the one its owner carries. */
const LATCHKEY =
  'M0 -18a36 36 0 0 1 18 67.2v15l-10 9 10 9v5l-13 11 13 11v5l-9 8 9 8v14l-11 13h-14l-11-13V49.2A36 36 0 0 1 0 -18Z';
const LATCHKEY_HOLE = 'M0 -11a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z';

const SkeletonKey = () => (
  <g>
    <circle cy="26" r="25" className="fill-none stroke-brass" strokeWidth="11" />
    <path
      d="M-6 55h12v143h-12z M-11 60h22v7h-22z M-11 74h22v7h-22z M6 156h24v12h-10v9h10v13H6z"
      className="fill-brass"
    />
  </g>
);

const SquareKey = () => (
  <g>
    <path
      fillRule="evenodd"
      d="M-24 -10h48a10 10 0 0 1 10 10v44a10 10 0 0 1-10 10h-12v96l-8 10h-8l-8-10v-12l-7-7 7-7v-10l-7-7 7-7v-46h-12a10 10 0 0 1-10-10v-44a10 10 0 0 1 10-10Zm24 8a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z"
      className="fill-[#b9c9bf]"
    />
    <path d="M-20 26h40M-20 38h40" className="stroke-enamel" strokeWidth="3" strokeLinecap="round" />
  </g>
);

const Fob = () => (
  <g>
    <path d="M0 4V58" className="stroke-[#b9c9bf]" strokeWidth="4" strokeLinecap="round" />
    <path
      fillRule="evenodd"
      d="M0 46l30 22v84a10 10 0 0 1-10 10h-40a10 10 0 0 1-10-10V68Zm0 14a7 7 0 1 0 0 14 7 7 0 0 0 0-14Z"
      className="fill-[#c4573c]"
    />
    <path d="M-14 98h28M-14 114h28M-14 130h16" className="stroke-[#f6e9c9]" strokeWidth="4" strokeLinecap="round" />
  </g>
);

const CloverKey = () => (
  <g>
    <path
      fillRule="evenodd"
      d="M0 -14a18 18 0 0 1 17 24 18 18 0 1 1-7 34v134h24v14h-9v9h9v13h-24v8h-20V44a18 18 0 1 1-7-34 18 18 0 0 1 17-24Zm0 9a8 8 0 1 0 0 16 8 8 0 0 0 0-16Z"
      className="fill-brass"
    />
  </g>
);

/** A board of keys, for decoration. */
export const KeyRack = ({ className }: { className?: string }) => (
  <svg
    aria-hidden="true"
    viewBox="0 0 480 400"
    preserveAspectRatio="xMidYMid meet"
    className={classes(
      'aspect-6/5 size-full rounded-4xl bg-enamel lg:aspect-auto lg:min-h-[min(40rem,calc(100dvh-11rem))]',
      className,
    )}
  >
    <path d="M-600 92h1680" className="stroke-enamel-line" strokeWidth="14" strokeLinecap="round" />
    <g transform="translate(72 79)">
      <SkeletonKey />
    </g>
    <g transform="translate(156 96) rotate(3)">
      <Fob />
    </g>
    <g transform="translate(240 96)">
      <path
        d={`${LATCHKEY}${LATCHKEY_HOLE}`}
        className="fill-none stroke-brass"
        strokeWidth="2.5"
        strokeDasharray="5 6"
        strokeLinecap="round"
      />
    </g>
    <g transform="translate(324 88)">
      <SquareKey />
    </g>
    <g transform="translate(408 90) rotate(-2)">
      <CloverKey />
    </g>
    {PEGS.map((x) => (
      <circle key={x} cx={x} cy="92" r="6.5" className="fill-[#f6e9c9]" />
    ))}
  </svg>
);
