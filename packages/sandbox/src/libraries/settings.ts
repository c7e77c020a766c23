/** What operators and authors say about Python libraries in the environment. */
import type { LibrarySettings } from './libraries.ts';

/** Throws an Error that names the variable. */
export function librarySettings(env: NodeJS.ProcessEnv): Pick<LibrarySettings, 'index_url' | 'system_packages'> {
  const index_url = env['HANABI_PYTHON_INDEX_URL'] || undefined;
  if (index_url !== undefined && !isIndexUrl(index_url)) {
    // It may hold a password, so it is not repeated.
    throw new Error('HANABI_PYTHON_INDEX_URL: is no http(s) address such as https://pypi.org/simple/');
  }
  const system = env['HANABI_PYTHON_SYSTEM_PACKAGES'] || '1';
  if (system !== '0' && system !== '1') {
    throw new Error(`HANABI_PYTHON_SYSTEM_PACKAGES: "${system}" is not one of 0, 1`);
  }
  return { index_url, system_packages: system === '1' };
}

function isIndexUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && search === '' && hash === '';
}
