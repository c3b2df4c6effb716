import { render } from 'preact';
import { applyLanguage } from '../language/language.ts';
import { applyTheme } from '../theme/theme.ts';
import { Notice } from './notice.tsx';
import './style.css';

applyLanguage();
applyTheme();

const root = document.getElementById('notice')!;
// The static text is for browsers without scripts.
root.replaceChildren();
render(<Notice {...document.documentElement.dataset} />, root);
