/** What the workflows of a history are made of: `n` is what an edit changes. */
export const workflowTexts: Readonly<Record<string, (n: number) => string>> = {
  plain: n => `steps:\n  - { id: a, prompt: Question ${n}, agent: writer }\n`,
  shared: n => `steps:\n  - { id: a, prompt: Shared ${n}, agent: writer }\n`,
  filed: n => `description: "${n}"\nsteps:\n  - { id: a, prompt: { file: prompts/ask.md }, agent: helper }\n`,
  used: n => `description: "${n}"\nsteps:\n  - { id: a, use: sum }\n`,
  parent: n => `description: "${n}"\nsteps:\n  - { id: a, workflow: child }\n`,
  child: n => `steps:\n  - { id: a, prompt: Child ${n}, agent: helper }\n`,
  watcher: n => `on: { commit: { paths: ["src/**"] } }\nsteps:\n  - { id: a, prompt: Watch ${n} }\n`,
  cased: n =>
    `inputs: { x: string }\ncases: { one: { x: a }, two: { x: b } }\nsteps:\n  - { id: a, prompt: "Case ${n} \${x}" }\n`,
  branched: n => `steps:\n  - { id: a, prompt: "On \${run.branch} ${n}" }\n`,
  mainly: n => `on: { commit: { branches: [main] } }\nsteps:\n  - { id: a, prompt: Mainly ${n} }\n`,
  each: n => `on: { commit: { each: true } }\nsteps:\n  - { id: a, prompt: Each ${n} }\n`,
  handy: n => `on: manual\nsteps:\n  - { id: a, prompt: By hand ${n} }\n`,
}

export const workflowNames = Object.keys(workflowTexts)

/** Everything else that a history begins with. */
export const otherTexts: Readonly<Record<string, (n: number) => string>> = {
  'agents/writer.agent.md': n => `---\ntemperature: 0\n---\nYou write ${n}.\n`,
  'agents/helper.agent.md': n => `---\ntemperature: 0\n---\nYou help ${n}.\n`,
  'prompts/ask.md': n => `Ask ${n}.\n`,
  'workflows/templates/sum.yaml': n => `steps:\n  - { id: s, prompt: Sum ${n}, agent: writer }\n`,
  'src/a.txt': n => `a ${n}\n`,
  'src/deep/b.txt': n => `b ${n}\n`,
  'notes.md': n => `notes ${n}\n`,
  'runs/plain/default/README.md': n => `by hand ${n}\n`,
}
