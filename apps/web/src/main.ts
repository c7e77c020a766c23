import { mount } from 'svelte';
import App from './app.svelte';
import { SessionState } from './session.svelte.ts';
import './styles/base.css';

const session = new SessionState();
// Asked before anything is drawn: the answer decides what is.
void session.load();

// A file dropped beside its target would otherwise replace the desktop.
for (const type of ['dragover', 'drop'] as const) addEventListener(type, (event) => event.preventDefault());

mount(App, { target: document.querySelector('#app')!, props: { session } });
