import { QueryClientProvider } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useEffect } from 'react'
import { listenLive } from '../live/live-events.ts'
import { queryClient } from './queries.ts'

/** Around a screen that lists something: what it shows is asked for again when something has happened. */
export function QueryScope({ children }: { children: ReactNode }): ReactElement {
  useEffect(() => {
    const news = new News()
    const stop = listenLive({
      // Not for every word that a model says.
      onEvents: events => {
        if (events.some(({ type }) => type !== 'agent_thought')) news.tell()
      },
      onGap: () => news.tell(),
    })
    // What happened while another screen was shown was not listened to.
    news.tell()
    return stop
  }, [])
  return <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
}

const pauseMs = 500

/** Much may happen at once: everything is asked for again a moment later, once. */
class News {
  #isWaiting = false

  tell(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    setTimeout(() => {
      this.#isWaiting = false
      void queryClient.invalidateQueries()
    }, pauseMs)
  }
}
