import { useEffect, useState } from 'preact/hooks';

export const sections = ['now', 'history', 'settings', 'model', 'logs', 'system'] as const;

export type Section = (typeof sections)[number];

/** The section is in the address after `#`, so that links, reloads and the back button work. */
export function useSection(): Section {
  const [section, setSection] = useState(current);
  useEffect(() => {
    const follow = () => setSection(current());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return section;
}

function current(): Section {
  const named = location.hash.slice(1) as Section;
  return sections.includes(named) ? named : 'now';
}
