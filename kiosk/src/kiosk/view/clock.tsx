import { useEffect, useState } from 'preact/hooks';
import { formatTime } from '../../language/format.ts';

/** Hours and minutes. */
export function Clock() {
  const [text, setText] = useState(() => formatTime(Date.now()));
  useEffect(() => {
    const timer = setInterval(() => setText(formatTime(Date.now())), 1000);
    return () => clearInterval(timer);
  }, []);
  return <time class="clock">{text}</time>;
}
