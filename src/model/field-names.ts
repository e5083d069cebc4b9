/** The names inside the fields of a workflow that are maps, by the name of the field: for the hint at an unknown one. */
export const kindFieldNames: Readonly<Record<string, readonly string[]>> = {
  prompt: ['file', 'text', 'with', 'files'],
  run: ['command', 'network'],
  http: ['method', 'url', 'headers', 'query', 'json', 'body'],
  kilo: ['task', 'agent', 'model', 'permissions', 'commit'],
  ask: ['question', 'assignees', 'default'],
  wait: ['until', 'event'],
  loop: ['while', 'until', 'max', 'steps'],
  each: ['in', 'as', 'parallel', 'steps'],
  retry: ['attempts', 'backoff', 'factor', 'max', 'jitter', 'on'],
  agent: ['name', 'model', 'temperature', 'top-p', 'max-tokens', 'seed', 'max-turns'],
  limits: ['tokens', 'usd', 'time', 'parallel'],
  'on-error': ['steps'],
  on: ['commit', 'schedule', 'webhook'],
  commit: ['branches', 'paths', 'each', 'with'],
  schedule: ['cron', 'timezone', 'with', 'catch-up'],
  webhook: ['secret', 'with', 'catch-up'],
  concurrency: ['group', 'when-busy'],
  defaults: [
    ...['agent', 'model', 'context', 'tools', 'skills', 'output', 'env', 'timeout', 'retry', 'limits', 'cache'],
    ...['priority', 'runs-on', 'on-error'],
  ],
}
