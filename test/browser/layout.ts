import type { Page } from "playwright-core";

/** Phones, tablets both ways, windows, and halves of them, as pages are at a zoom of 200 %. */
export const WIDTHS = [320, 360, 390, 414, 600, 641, 768, 820, 900, 950, 960, 1024, 1280, 1440, 1920, 2560];

/** As high as screens of this width are; those of tablets and windows at their lowest. */
export function heightOf(width: number): number {
  if (width < 600) return 740;
  return width < 960 ? 400 : Math.round(width * 0.5);
}

/** Resizes and waits until the page has settled in its new size. */
export async function resize(page: Page, width: number, height = heightOf(width)): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.evaluate(() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then))));
}

/** Has letters so many times as large, as people set it in their browser. */
export async function enlargeText(page: Page, times: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Page.setFontSizes", { fontSizes: { standard: 16 * times, fixed: 13 * times } });
}

interface Named {
  /** Of these no two may overlap, unless one is in the other. */
  boxes: string;
  /** These are whole in the viewport, across and down. */
  inView?: string;
  /** These are whole in the viewport across. */
  within?: string;
}

/** What is wrong with the layout: a page that scrolls sideways, boxes that overlap, what is not in view. */
export function faultsOfLayout(page: Page, named: Named): Promise<string[]> {
  return page.evaluate(({ boxes, inView, within }: Named) => {
    const faults: string[] = [];
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth > clientWidth) faults.push(`scrolls sideways by ${scrollWidth - clientWidth}`);
    const nameOf = (element: Element) =>
      `${element.tagName.toLowerCase()}.${[...element.classList].join(".")} “${(element.textContent ?? "").slice(0, 24)}”`;
    /** Where its letters are, for text alone takes up less than its block. */
    const rectOf = (element: Element): DOMRect => {
      if (element.childElementCount > 0 || element.textContent === "") return element.getBoundingClientRect();
      const own = element.getBoundingClientRect();
      const range = document.createRange();
      range.selectNodeContents(element);
      const text = range.getBoundingClientRect();
      // Buttons, fields and what has a ground of its own are all of their box.
      const isBare = getComputedStyle(element).backgroundColor === "rgba(0, 0, 0, 0)";
      return isBare ? new DOMRect(text.x, own.y, text.width, own.height) : own;
    };
    const shown = (selector: string) =>
      [...document.querySelectorAll(selector)].filter((element) =>
        element.checkVisibility({ visibilityProperty: true }),
      );
    const all = shown(boxes);
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(index + 1)) {
        if (one.contains(other) || other.contains(one)) continue;
        const [a, b] = [rectOf(one), rectOf(other)];
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 1) faults.push(`${nameOf(one)} and ${nameOf(other)} overlap`);
      }
    }
    const isOut = ({ left, right }: DOMRect) => left < -1 || right > clientWidth + 1;
    for (const element of shown(within ?? "none"))
      if (isOut(element.getBoundingClientRect())) faults.push(`${nameOf(element)} leaves the page`);
    for (const element of shown(inView ?? "none")) {
      const rect = element.getBoundingClientRect();
      if (isOut(rect) || rect.top < -1 || rect.bottom > innerHeight + 1)
        faults.push(`${nameOf(element)} is out of view`);
    }
    return faults;
  }, named);
}

/** Makes every page of this context note what shifts while nobody touches it. */
export async function watchShifts(page: Page): Promise<void> {
  await page.context().addInitScript(() => {
    const noted = globalThis as unknown as { shift: number };
    noted.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[])
        if (!entry.hadRecentInput) noted.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** By how much the page has shifted since it was loaded: 0.1 is where it begins to annoy. */
export function shiftOf(page: Page): Promise<number> {
  return page.evaluate("shift");
}
