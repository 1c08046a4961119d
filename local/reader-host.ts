/**
 * Second address of this machine's own, where reader endpoints listen: a binding has one port for the primary and the
 * reader endpoint, so these differ in their hosts. All of 127.0.0.0/8 is loopback on Linux; elsewhere only IPv6 has one more.
 */
export const READER_HOST = process.platform === 'linux' ? '127.0.0.2' : '::1';
