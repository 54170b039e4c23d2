import { useAuth } from 'latchkey/react';
import { AccountMenu } from './account-menu.tsx';
import { Brand } from './brand.tsx';
import { MainNav } from './main-nav.tsx';

/**
 * Two rows on phones and tablets, where the links may be scrolled, else one. While it is not known who is there, it
 * shows the brand alone.
 */
export const Header = () => {
  const auth = useAuth();

  return (
    <header className="border-b border-line">
      <div className="mx-auto flex max-w-6xl flex-wrap items-center gap-x-4 sm:gap-x-6 px-4 py-2.5 sm:px-8">
        <Brand />
        {auth.status === 'authenticated' && (
          <>
            <MainNav />
            <AccountMenu username={auth.user.username ?? auth.user.email ?? ''} />
          </>
        )}
      </div>
    </header>
  );
};
