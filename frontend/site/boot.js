// Loads the site's WebAssembly and wakes the islands of the page: those that are there at once, and each later one as
// it arrives in a streamed panel. No island waits for the end of the document, so the page must load this file with
// `<script type="module" async>`: a module script without `async` runs only after the last panel.
//
// The task runner replaces the quoted "./site.js" and "./site.wasm" by their hashed names.

const ISLAND = "leptos-island";
const SLOT = "leptos-children";

/** Islands that have been handed to their code, or for which there is none. */
const settled = new WeakSet();

/**
 * Whether everything inside the element has been parsed. While the document is still arriving, an element is
 * finished when something stands behind it or behind one of its ancestors.
 */
function isFinished(element) {
  if (document.readyState !== "loading") return true;
  for (let node = element; node; node = node.parentNode) {
    if (node.nextSibling) return true;
  }
  return false;
}

/** Whether an island may be woken now: attached, parsed to its end, and after the island that surrounds it. */
function isReady(island) {
  if (settled.has(island) || !island.isConnected || !isFinished(island)) return false;
  const surrounding = island.parentElement?.closest(ISLAND);
  return !surrounding || settled.has(surrounding);
}

/** Hands one island to its exported function, under the owner whose contexts it may see. */
function wake(site, island) {
  const name = island.dataset.component;
  const report = (error) => console.error(`The island ${name} could not be started.`, error);
  settled.add(island);
  if (typeof site[name] !== "function") {
    report(new Error(`The site's module has no export of this name; page and module are of different builds.`));
    return;
  }
  try {
    const slot = island.parentElement?.closest(SLOT);
    if (typeof slot?.$$on_hydrate === "function") {
      slot.$$on_hydrate();
    } else {
      site.enter_page();
    }
    Promise.resolve(site[name](island)).catch(report);
    island.dataset.awake = "";
  } catch (error) {
    report(error);
  }
}

/** Wakes every island that is ready. Document order puts a surrounding island before those inside it. */
function sweep(site) {
  for (const island of document.querySelectorAll(ISLAND)) {
    if (isReady(island)) wake(site, island);
  }
}

async function boot() {
  const [site, wasm] = await Promise.all([
    import("./site.js"),
    fetch(new URL("./site.wasm", import.meta.url)),
  ]);
  await site.default({ module_or_path: wasm });
  site.start();
  sweep(site);
  // Content of a <template> is no part of the document: a streamed panel is seen when it has been moved into place.
  new MutationObserver(() => sweep(site)).observe(document, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => sweep(site));
}

boot().catch((error) => console.error("The page's scripts could not be started; links and forms still work.", error));
