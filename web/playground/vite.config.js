import { defineConfig } from "vite";

const SERVER = process.env.CLEARLINE_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  base: "/playground/",
  logLevel: "warn",
  build: {
    target: "es2022",
    reportCompressedSize: false,
    // The editor is one large part; it is read from this machine.
    chunkSizeWarningLimit: 8000,
  },
  // `npm run dev` against a running demo.
  server: {
    proxy: {
      "/graphql": { target: SERVER, ws: true },
      "/playground/config.json": SERVER,
    },
  },
});
