/** Set when the desktop is built: the version of package.json. */
declare const HANABI_VERSION: string;
