const pollMs = 150;
const answerTimeoutMs = 5_000;

/** Resolves once the service's /healthz answers 200; rejects when it has not after `timeoutMs`. */
export async function waitUntilHealthy(url: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isHealthy(url))) {
    if (Date.now() > deadline) throw new Error(`${url}/healthz did not answer 200 within ${timeoutMs / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(answerTimeoutMs) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}
