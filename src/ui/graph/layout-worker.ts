import './pretend-page.ts'
import { layoutOf } from '../../compiler/layout.ts'
import { layoutChart } from '../inspect/chart-layout.ts'
import type { LayoutAnswer, LayoutQuestion } from './layout-client.ts'

addEventListener('message', ({ data }: MessageEvent<LayoutQuestion>) => {
  void answer(data).then(said => postMessage(said))
})

async function answer({ key, graph, chart }: LayoutQuestion): Promise<LayoutAnswer> {
  try {
    return { key, layout: graph ? await layoutOf(graph) : await layoutChart(chart) }
  } catch (error) {
    return { key, problem: error instanceof Error ? error.message : String(error) }
  }
}
