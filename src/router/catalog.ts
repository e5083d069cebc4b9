import type { ModelSource } from '../model/configuration.ts'
import { nearest } from '../model/nearest.ts'

/** What the router knows of a host. Without `models`, it serves any model. */
export interface CatalogHost {
  readonly name: string
  /** Requests it answers at once. */
  readonly parallel: number
  readonly models?: readonly string[]
}

/** Hosts and models in the order in which they were declared. */
export interface Catalog {
  readonly hosts: readonly CatalogHost[]
  readonly models: Readonly<Record<string, ModelSource>>
}

/** A model and where it runs. */
export interface Target {
  /** The name that agents use. */
  readonly name: string
  /** What the hosts call it. */
  readonly servedAs: string
  /** Hosts, best first. */
  readonly hosts: readonly string[]
}

export type Resolution =
  | { readonly ok: true; readonly targets: readonly Target[] }
  | { readonly ok: false; readonly message: string }

/**
 * The models that a call may be sent to, in the order in which they are tried.
 *
 * Each wanted model is followed by its own fallbacks, which stand in for it, before the next wanted one; a model that
 * comes up again is left out, which also cuts cycles. No wanted model means `default`.
 */
export function resolveModels(catalog: Catalog, wanted: readonly string[]): Resolution {
  const targets = new Map<string, Target>()
  for (const name of wanted.length > 0 ? wanted : [defaultModel(catalog)]) {
    const unknown = collect(catalog, name, targets)
    if (unknown !== undefined) return { ok: false, message: unknownModel(catalog, unknown) }
  }
  return { ok: true, targets: [...targets.values()] }
}

/** Adds a model and its fallbacks; answers with a name that stands for nothing. */
function collect(catalog: Catalog, name: string, targets: Map<string, Target>): string | undefined {
  const target = targetOf(catalog, name)
  if (!target) return name
  if (targets.has(target.name)) return undefined
  targets.set(target.name, target)
  const declared = declarationOf(catalog, target.name)
  const fallback = typeof declared === 'object' ? (declared.fallback ?? []) : []
  for (const next of typeof fallback === 'string' ? [fallback] : fallback) {
    const unknown = collect(catalog, next, targets)
    if (unknown !== undefined) return unknown
  }
  return undefined
}

function targetOf(catalog: Catalog, name: string): Target | undefined {
  const real = followAliases(catalog, name)
  const declared = declarationOf(catalog, real)
  if (typeof declared !== 'object') {
    // A server would be asked for a model that is really called "default".
    const hosts = real === 'default' ? [] : hostsOfUndeclared(catalog, real)
    return hosts.length > 0 ? { name: real, servedAs: real, hosts } : undefined
  }
  const servedAs = declared.name ?? real
  const hosts = declared.on.filter(on => catalog.hosts.some(host => host.name === on && serves(host, servedAs)))
  return { name: real, servedAs, hosts: [...new Set(hosts)] }
}

/** `default: gpt-4o` makes one name stand for another; a ring of such names stands for its last member. */
function followAliases(catalog: Catalog, name: string): string {
  const seen = new Set([name])
  let real = name
  for (
    let next = declarationOf(catalog, real);
    typeof next === 'string' && !seen.has(next);
    next = declarationOf(catalog, real)
  ) {
    real = next
    seen.add(real)
  }
  return real
}

/**
 * Where a model runs that `models:` says nothing of: on the hosts that list it; else on a host called `openai`, which
 * is where such names usually come from; else on the only host there is. A host that lists other models is never asked.
 */
function hostsOfUndeclared({ hosts }: Catalog, name: string): string[] {
  const listing = hosts.filter(host => host.models?.includes(name))
  if (listing.length > 0) return listing.map(host => host.name)
  const open = hosts.filter(host => !host.models)
  const likely = open.find(host => host.name === 'openai') ?? (hosts.length === 1 ? open[0] : undefined)
  return likely ? [likely.name] : []
}

/** The model of agents without one: `default`, else the first that `models:` declares, else the first that a host lists. */
function defaultModel({ hosts, models }: Catalog): string {
  if (Object.hasOwn(models, 'default')) return 'default'
  return Object.keys(models)[0] ?? hosts.flatMap(host => host.models ?? [])[0] ?? 'default'
}

function serves(host: CatalogHost, servedAs: string): boolean {
  return !host.models || host.models.includes(servedAs)
}

function declarationOf({ models }: Catalog, name: string): ModelSource | undefined {
  return Object.hasOwn(models, name) ? models[name] : undefined
}

function unknownModel({ hosts, models }: Catalog, name: string): string {
  const known = [...new Set([...Object.keys(models), ...hosts.flatMap(host => host.models ?? [])])]
  if (name === 'default') return 'No default model is set. Add `default:` under `models:` in orchestrate.yaml.'
  const meant = nearest(name, known)
  const ordered = meant === undefined ? known : [meant, ...known.filter(other => other !== meant)]
  const list = ordered.length > 0 ? ` Known models: ${ordered.join(', ')}.` : ''
  return `No host serves a model called "${name}".${list} Declare it under \`models:\` in orchestrate.yaml.`
}
