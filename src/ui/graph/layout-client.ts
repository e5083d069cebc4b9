import { useEffect, useState } from 'react'
import type { Layout } from '../../compiler/layout.ts'
import type { Graph } from '../api/answers.ts'
import type { ChartGraph, ChartLayout } from '../inspect/chart-graph.ts'

export type LayoutQuestion =
  | { readonly key: number; readonly graph: Graph; readonly chart?: undefined }
  | { readonly key: number; readonly chart: ChartGraph; readonly graph?: undefined }

export interface LayoutAnswer {
  readonly key: number
  readonly layout?: Layout | ChartLayout
  readonly problem?: string
}

type Settle = (answer: LayoutAnswer) => void

const open = new Map<number, Settle>()
let worker: Worker | undefined
let lastKey = 0

/** Asks the worker, which is started by the first question. */
function place(question: { graph: Graph } | { chart: ChartGraph }): Promise<LayoutAnswer> {
  worker ??= startWorker()
  lastKey += 1
  const key = lastKey
  worker.postMessage({ key, ...question })
  return new Promise(resolve => open.set(key, resolve))
}

function startWorker(): Worker {
  const started = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' })
  started.addEventListener('message', ({ data }: MessageEvent<LayoutAnswer>) => {
    open.get(data.key)?.(data)
    open.delete(data.key)
  })
  return started
}

export interface Placed<Shape> {
  readonly layout: Shape | undefined
  readonly problem: string | undefined
}

/** Where the steps of a graph are drawn; the same graph is placed once. */
export function useGraphLayout(graph: Graph): Placed<Layout> {
  // Each answer of the daemon brings a graph of its own that says the same.
  return usePlaced<Layout>(JSON.stringify(graph), () => place({ graph }))
}

/** Where the states of a chart are drawn. */
export function useChartLayout(chart: ChartGraph): Placed<ChartLayout> {
  return usePlaced<ChartLayout>(JSON.stringify(chart), () => place({ chart }))
}

function usePlaced<Shape>(text: string, ask: () => Promise<LayoutAnswer>): Placed<Shape> {
  const [placed, setPlaced] = useState<Placed<Shape>>({ layout: undefined, problem: undefined })
  useEffect(() => {
    let isWanted = true
    void ask().then(({ layout, problem }) => {
      if (isWanted) setPlaced({ layout: layout as Shape | undefined, problem })
    })
    return () => {
      isWanted = false
    }
    // The text stands for what is asked.
  }, [text])
  return placed
}
