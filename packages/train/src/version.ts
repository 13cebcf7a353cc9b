/** The release, as model files note it. A test holds it against package.json. */
export const version = '0.1.0';
