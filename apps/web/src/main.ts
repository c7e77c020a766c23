import { mount } from 'svelte';
import App from './app.svelte';
import { registerServiceWorker } from './register-service-worker.ts';
import { SessionState } from './session.svelte.ts';
import { preferences } from './settings/preferences.svelte.ts';
import './styles/base.css';

const session = new SessionState();
// Asked before anything is drawn: the answer decides what is.
void session.load();

registerServiceWorker();
const ready = preferences.begin();

// A file dropped beside its target would otherwise replace the desktop.
for (const type of ['dragover', 'drop'] as const) addEventListener(type, (event) => event.preventDefault());

void ready.then(() => mount(App, { target: document.querySelector('#app')!, props: { session } }));
