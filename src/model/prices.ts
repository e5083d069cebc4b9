/** USD per million tokens: [input, output]. */
export type Price = readonly [number, number]

/**
 * List prices of OpenAI's own service without caching or batch discounts, from openai.com/api/pricing as of 2025-06-30.
 *
 * Prices change: `usd-per-million` of a host in orchestrate.yaml is believed first.
 */
const openAiPrices: Readonly<Record<string, Price>> = {
  'gpt-4o': [2.5, 10],
  'gpt-4o-mini': [0.15, 0.6],
  'gpt-4.1': [2, 8],
  'gpt-4.1-mini': [0.4, 1.6],
  'gpt-4.1-nano': [0.1, 0.4],
  o3: [2, 8],
  'o4-mini': [1.1, 4.4],
}

/** The list price of an OpenAI model; a dated name (`gpt-4o-2024-08-06`) costs what the plain one does. */
export function openAiPrice(model: string): Price | undefined {
  const name = model.replace(/-\d{4}-\d{2}-\d{2}$/, '')
  return Object.hasOwn(openAiPrices, name) ? openAiPrices[name] : undefined
}

/** What a number of tokens costs in USD, or null where the price is not known. */
export function costUsd(price: Price | undefined, inputTokens: number, outputTokens: number): number | null {
  return price ? (inputTokens * price[0] + outputTokens * price[1]) / 1_000_000 : null
}
