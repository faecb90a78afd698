import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The pages: the storefront under /shop/, the console under /console/, the API reference under /docs/. */
export default defineConfig({
  root: "src/web",
  plugins: [react()],
  build: {
    outDir: "../../build/web",
    emptyOutDir: true,
    // The reference is one library of 1.5 MB, which nobody else loads; files of up to 25 MiB can be served.
    chunkSizeWarningLimit: 2_000,
    rollupOptions: {
      checks: { pluginTimings: false },
      input: ["shop", "console", "docs"].map((page) => `src/web/${page}/index.html`),
    },
  },
});
