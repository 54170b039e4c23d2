import { Link } from '@tanstack/react-router';
import { useAuth } from 'latchkey/react';
import { BackToSignIn } from '../forms/mailed-form-layout.tsx';
import { buttonStyles } from '../ui/button-styles.ts';
import { Notice } from '../ui/notice.tsx';

export const Verified = () => {
  const { status } = useAuth();

  return (
    <div className="mt-8">
      <Notice role="status">
        {status === 'authenticated' ? 'Your address is confirmed.' : 'Your address is confirmed. Sign in to continue.'}
      </Notice>
      {status === 'authenticated' ? (
        <Link to="/" className={`${buttonStyles('primary')} mt-6 min-h-12 w-full`}>
          Go to your notes
        </Link>
      ) : (
        <BackToSignIn />
      )}
    </div>
  );
};
