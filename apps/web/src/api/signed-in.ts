/** Whose desktop this is; empty while nobody is signed in. What is kept or told in the browser names its user by the id. */
export const signedIn = { userId: '', name: '' };
