import { existsSync, readFileSync } from 'node:fs'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type ProxyOptions } from 'vite'

/** Few files that are fetched together are smaller than many; each holds what one part of the page needs. */
const groups = [
  {
    ...{ name: 'shell', priority: 2 },
    test: /node_modules\/(react|react-dom|scheduler|wouter|regexparam|zustand|use-sync-external-store)\/|src\/ui\/(app|live)\/|src\/model\/glyph/,
  },
  { name: 'graph', priority: 1, test: /@xyflow|src\/ui\/(graph|run\/(run-view|view-state|selection))|src\/compiler\// },
]

/** Builds the web page into `dist/ui`; `vite` alone serves it as you edit it, over the daemon of this folder. */
export default defineConfig({
  root: 'src/ui',
  plugins: [react(), tailwindcss()],
  build: {
    ...{ outDir: '../../dist/ui', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 2000 },
    ...{ target: 'es2024', modulePreload: { polyfill: false }, manifest: true },
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  worker: { format: 'es' },
  server: { proxy: daemonProxy() },
})

/** While the page is edited, what is asked of the daemon goes to the one that runs here, with its token. */
function daemonProxy(): Record<string, ProxyOptions> {
  const file = new URL('.orchestrate/daemon.json', import.meta.url)
  if (!existsSync(file)) return {}
  const { url, token } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; token: string }
  const target = { target: url, changeOrigin: true, headers: { authorization: `Bearer ${token}`, origin: url } }
  return { '/api': target, '/workflows/execute': target, '/ws': { ...target, ws: true } }
}
