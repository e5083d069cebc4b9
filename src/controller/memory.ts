import type { Json } from '../model/json.ts'

/** What the controller has to know after a restart and git does not tell. */
export interface Memory {
  recall(topic: string, name: string): Json | undefined
  /** Everything known of a topic, by name. */
  recallAll(topic: string): ReadonlyMap<string, Json>
  /** Durable when it returns, all or nothing; undefined forgets. */
  remember(topic: string, values: ReadonlyMap<string, Json | undefined>): void
}

/** A memory that ends with the process. */
export function shortMemory(): Memory {
  const topics = new Map<string, Map<string, Json>>()
  const topicOf = (topic: string): Map<string, Json> => {
    const known = topics.get(topic) ?? new Map<string, Json>()
    topics.set(topic, known)
    return known
  }
  return {
    recall: (topic, name) => topicOf(topic).get(name),
    recallAll: topic => new Map(topicOf(topic)),
    remember: (topic, values) => {
      for (const [name, value] of values) {
        if (value === undefined) topicOf(topic).delete(name)
        else topicOf(topic).set(name, value)
      }
    },
  }
}
