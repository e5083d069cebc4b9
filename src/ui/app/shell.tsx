import { lazy, type ReactElement, type ReactNode, Suspense, useEffect } from 'react'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter'
import { listenLive, useConnection } from '../live/live-events.ts'
import { LogOut } from './log-out.tsx'
import { GreyRows, Nothing } from './states.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

// Each screen is fetched when it is asked for.
const RunsScreen = lazy(async () => ({ default: (await import('../runs/runs-screen.tsx')).RunsScreen }))
const RunScreen = lazy(async () => ({ default: (await import('../run/run-screen.tsx')).RunScreen }))
const WorkflowsScreen = lazy(async () => ({
  default: (await import('../workflows/workflows-screen.tsx')).WorkflowsScreen,
}))
const WorkflowScreen = lazy(async () => ({
  default: (await import('../workflows/workflow-screen.tsx')).WorkflowScreen,
}))
const InspectScreen = lazy(async () => ({ default: (await import('../inspect/inspect-screen.tsx')).InspectScreen }))

/** The page around every screen. */
export function Shell(): ReactElement {
  useEffect(() => listenLive({ onEvents: () => {}, onGap: () => {} }), [])
  return (
    <div className="grid h-full grid-cols-[auto_1fr] grid-rows-[44px_1fr]">
      <Head />
      <Navigation />
      <main className="relative min-h-0 min-w-0 overflow-auto">
        <Suspense fallback={<GreyRows />}>
          <Screens />
        </Suspense>
      </main>
    </div>
  )
}

function Screens(): ReactElement {
  return (
    <Switch>
      <Route path="/">{() => <Redirect to="/runs" replace />}</Route>
      <Route path="/runs">{() => <RunsScreen />}</Route>
      <Route path="/runs/:id">{({ id }) => <RunScreen key={id} id={id} />}</Route>
      <Route path="/workflows">{() => <WorkflowsScreen />}</Route>
      <Route path="/workflows/*">{({ '*': name }) => <WorkflowScreen key={name} name={name} />}</Route>
      <Route path="/inspect/:run">{({ run }) => <InspectScreen key={run} name={run} />}</Route>
      <Route>{() => <Nothing title="There is no such page.">The address may be mistyped.</Nothing>}</Route>
    </Switch>
  )
}

function Head(): ReactElement {
  return (
    <header className="col-span-2 flex items-center gap-3 border-b border-line bg-panel px-4">
      <Link href="/runs" className="flex items-center gap-2 text-title font-semibold">
        Orchestrate
      </Link>
      <ConnectionState />
      <span className="flex-1" />
      <ThemeSwitch />
      <LogOut />
    </header>
  )
}

const connectionWords = {
  connecting: { word: 'connecting…', glyph: '·', tone: 'tone-waiting' },
  signedOut: { word: 'not logged in', glyph: '–', tone: 'tone-waiting' },
  live: { word: 'live', glyph: '●', tone: 'tone-succeeded' },
  reconnecting: { word: 'reconnecting…', glyph: '↻', tone: 'tone-running' },
} as const

function ConnectionState(): ReactElement {
  const { connection, isSignedOut } = useConnection()
  const { word, glyph, tone } = connectionWords[isSignedOut ? 'signedOut' : connection]
  return (
    <span
      className={`${tone} inline-flex items-center gap-1.5 rounded-full border px-2.5 text-small`}
      style={{ color: 'var(--tone)', background: 'var(--tone-bg)', borderColor: 'var(--tone-line)' }}
      role="status"
      data-connection={connection}
      title="Whether this page hears of what happens, as it happens"
    >
      <span aria-hidden="true">{glyph}</span>
      {word}
    </span>
  )
}

function Navigation(): ReactElement {
  return (
    <nav
      aria-label="Screens"
      className="flex w-[168px] flex-col gap-0.5 border-r border-line bg-panel p-2 max-[900px]:w-[52px] max-[900px]:px-1"
    >
      <Place href="/runs" glyph="▶">
        Runs
      </Place>
      <Place href="/workflows" glyph="◇">
        Workflows
      </Place>
    </nav>
  )
}

function Place({ href, glyph, children }: { href: string; glyph: string; children: ReactNode }): ReactElement {
  const [location] = useLocation()
  const isHere = location.startsWith(href) || (href === '/runs' && location.startsWith('/inspect'))
  return (
    <Link
      href={href}
      aria-current={isHere ? 'page' : undefined}
      className={`flex items-center gap-2 rounded-md px-2 py-1.5 hover:bg-raise ${isHere ? 'bg-raise font-semibold' : ''}`}
    >
      <span aria-hidden="true" className="w-4 text-center text-dim">
        {glyph}
      </span>
      <span className="max-[900px]:sr-only">{children}</span>
    </Link>
  )
}
