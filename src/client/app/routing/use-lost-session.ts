import { useNavigate, useRouter } from '@tanstack/react-router';
import { useAuth } from 'latchkey/react';
import { useEffect } from 'react';
import { FORMS } from './next-path.ts';

/**
 * When a session ends that its user did not end here, shows the sign-in form, which says why and leads back to this
 * page. Once an ending: after it the user may go where they like.
 */
export const useLostSession = (): void => {
  const auth = useAuth();
  const navigate = useNavigate();
  const router = useRouter();
  const ended = auth.status === 'anonymous' ? auth.ended : null;

  useEffect(() => {
    if (ended === null || ended.reason === 'signed_out') return;
    const { pathname, href } = router.state.location;
    // A password that is set anew ends the session of this page as well, which is no loss.
    if (FORMS.includes(pathname)) return;
    void navigate({ to: '/sign-in', search: pathname === '/' ? {} : { next: href }, replace: true });
  }, [ended, navigate, router]);
};
