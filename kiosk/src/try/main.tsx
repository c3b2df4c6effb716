import { render } from 'preact';
import { applyLanguage } from '../language/language.ts';
import { applyTheme } from '../theme/theme.ts';
import { App } from './app.tsx';
import './try.css';

applyLanguage();
applyTheme();
render(<App />, document.getElementById('try')!);
