/** Gives up a wait that takes longer than `ms`, with an error that says what was waited for. The work itself may still happen. */
export async function withTimeout<Result>(work: PromiseLike<Result>, ms: number, what: string): Promise<Result> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not answer in time`)), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
