import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The pages: the storefront under /shop/, the console under /console/. The Worker serves what is built. */
export default defineConfig({
  root: "src/web",
  plugins: [react()],
  build: {
    outDir: "../../build/web",
    emptyOutDir: true,
    rollupOptions: { input: ["src/web/shop/index.html", "src/web/console/index.html"] },
  },
});
