import { Page } from '../ui/page.tsx';
import { PasswordSection } from './password-section.tsx';

export const SecurityPage = () => (
  <div className="mx-auto max-w-3xl">
    <Page title="Security">
      <div className="mt-8 grid gap-4">
        <PasswordSection />
      </div>
    </Page>
  </div>
);
