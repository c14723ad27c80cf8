// Lets changes that come fast ask the server one after the other: what comes meanwhile is asked for once, afterwards.

/**
 * @param {() => Promise<void>} work
 * @param {(error: unknown) => void} failed
 * @returns {() => Promise<void>}
 */
export function oneAtATime(work, failed) {
  let running = false;
  let again = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    try {
      while (again) {
        again = false;
        await work();
      }
    } catch (error) {
      failed(error);
    } finally {
      running = false;
    }
  };
}
