/*
 * A process that is measured by the one that forked it says where it answers, and tells the processor time that it has had
 * when it is asked. Peers of bench/peers do the same in contestant.mjs.
 */

/** Tells where this process answers, such as `http://127.0.0.1:4000/graphql`. */
export function announce(url: string): void {
  process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
  process.on('disconnect', () => process.exit(0));
  process.send?.({ url });
}
