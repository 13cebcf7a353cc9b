/** Debian's, which has its python3-torch. */
export const python = process.env.PYTHON ?? '/usr/bin/python3';
