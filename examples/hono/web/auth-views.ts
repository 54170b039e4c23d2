import { auth } from './auth.ts';
import { onClick, onSubmit, show } from './view.ts';

export const showSignIn = (): void => {
  show('sign-in');
  onSubmit((value) => auth.signIn({ username: value('username'), password: value('password') }));
  onClick('[data-other]', showSignUp);
};

const showSignUp = (): void => {
  show('sign-up');
  onSubmit((value) => auth.signUp({ username: value('username'), email: value('email'), password: value('password') }));
  onClick('[data-other]', showSignIn);
};
