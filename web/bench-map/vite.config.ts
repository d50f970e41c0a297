// The page of the map's bench; never part of the application.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import application from "../vite.config.ts";

export default defineConfig({
  root: new URL(".", import.meta.url).pathname,
  plugins: [react()],
  resolve: application.resolve ?? {},
  build: { target: "es2023", outDir: "dist", emptyOutDir: true },
});
