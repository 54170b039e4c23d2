import { ComputerIcon, PhoneIcon, TabletIcon, TerminalIcon } from '../ui/icons.tsx';
import type { DeviceKind } from './device.ts';

const ICONS = {
  computer: ComputerIcon,
  phone: PhoneIcon,
  tablet: TabletIcon,
  program: TerminalIcon,
  unknown: ComputerIcon,
} satisfies Record<DeviceKind, unknown>;

export const DeviceIcon = ({ kind, className }: { kind: DeviceKind; className: string }) => {
  const Icon = ICONS[kind];
  return <Icon className={className} />;
};
