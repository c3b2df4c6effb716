import { render } from 'preact';
import { applyLanguage } from '../language/language.ts';
import { applyTheme } from '../theme/theme.ts';
import './admin.css';
import { App } from './app.tsx';
import { LiveFeed } from './live.ts';

applyLanguage();
applyTheme();
const feed = new LiveFeed();
feed.start();
render(<App feed={feed} />, document.getElementById('admin')!);
