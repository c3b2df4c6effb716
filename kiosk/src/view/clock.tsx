import { useEffect, useState } from 'preact/hooks';
import { messages } from '../messages/messages.ts';

const format = new Intl.DateTimeFormat(messages.language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** Hours and minutes. */
export function Clock() {
  const [text, setText] = useState(() => format.format(new Date()));
  useEffect(() => {
    const timer = setInterval(() => setText(format.format(new Date())), 1000);
    return () => clearInterval(timer);
  }, []);
  return <time class="clock">{text}</time>;
}
