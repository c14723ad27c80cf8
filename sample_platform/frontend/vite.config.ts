import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// Fixed names: Django serves the files from the application's static folder, where they are committed.
export default defineConfig({
  plugins: [svelte()],
  publicDir: false,
  build: {
    outDir: "../analytics/static/analytics",
    emptyOutDir: false,
    cssCodeSplit: false,
    license: { fileName: "assistant.licenses.md" },
    modulePreload: false,
    rolldownOptions: {
      input: "src/main.ts",
      output: { entryFileNames: "assistant.js", assetFileNames: "assistant[extname]" },
    },
  },
});
