import { Page } from '../ui/page.tsx';
import { AddressSection } from './address-section.tsx';
import { DataSection } from './data-section.tsx';
import { DeleteSection } from './delete-section.tsx';

export const ProfilePage = () => (
  <div className="mx-auto max-w-3xl">
    <Page title="Profile">
      <div className="mt-8 grid gap-4">
        <AddressSection />
        <DataSection />
        <DeleteSection />
      </div>
    </Page>
  </div>
);
