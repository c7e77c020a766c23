/** Whose desktop this is; an empty id while nobody is signed in. What is kept or told in the browser names its user. */
export const signedIn = { userId: '' };
