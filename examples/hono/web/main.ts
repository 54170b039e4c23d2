import { auth } from './auth.ts';
import { showSignIn } from './auth-views.ts';
import { showHome } from './home.ts';
import { show } from './view.ts';

/** Shows what is there for who is here, once for each. */
const createRender = () => {
  let shown = '';
  return (): void => {
    const state = auth.getState();
    const next = state.status === 'authenticated' ? state.user.id : state.status;
    if (next === shown) return;
    shown = next;
    if (state.status === 'authenticated') showHome(state.user);
    else if (state.status === 'anonymous') showSignIn();
    else show('restoring');
  };
};

const render = createRender();
auth.subscribe(render);
auth.start();
render();
