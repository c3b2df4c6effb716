import { render } from 'preact';
import { applyLanguage } from '../language/language.ts';
import { applyTheme } from '../theme/theme.ts';
import { Notice } from './notice.tsx';
import './style.css';

applyLanguage();
applyTheme();

const root = document.getElementById('notice')!;
// What stands there is for browsers without scripts.
root.replaceChildren();
render(<Notice {...document.documentElement.dataset} />, root);
