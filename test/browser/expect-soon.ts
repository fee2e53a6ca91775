/** Resolves when the condition holds, which may ask the page; rejects after `patienceMs` of waiting. */
export async function expectSoon(
  condition: () => boolean | Promise<boolean>,
  patienceMs = 20_000,
): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 20) {
    if (waited > patienceMs) throw new Error(`it did not happen within ${patienceMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
