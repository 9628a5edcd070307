/** Puts the chosen theme and the wish for less motion on the root element, where the tokens read them. */
import { useSession } from './session.ts';

/** Applies the settings now and whenever they change. Returns the way to stop. */
export function followTheme(): () => void {
  const prefersLight = matchMedia('(prefers-color-scheme: light)');
  const prefersStillness = matchMedia('(prefers-reduced-motion: reduce)');
  const apply = () => {
    const { theme, reducedMotion } = useSession.getState().settings;
    const { dataset } = document.documentElement;
    dataset.theme = theme === 'system' ? (prefersLight.matches ? 'light' : 'dark') : theme;
    dataset.motion = reducedMotion || prefersStillness.matches ? 'reduced' : 'full';
  };
  apply();
  prefersLight.addEventListener('change', apply);
  prefersStillness.addEventListener('change', apply);
  const unsubscribe = useSession.subscribe(apply);
  return () => {
    prefersLight.removeEventListener('change', apply);
    prefersStillness.removeEventListener('change', apply);
    unsubscribe();
  };
}
