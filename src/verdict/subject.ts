/** A pseudonymous code of who is listened to, safe in the names of files. */
export const SUBJECT = /^[A-Za-z0-9_-]{1,32}$/;
