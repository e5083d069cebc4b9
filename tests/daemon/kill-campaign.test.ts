import { expect, test } from 'vitest'
import { figuresOf, violationsOf } from './kill-audit.ts'
import { runCampaign } from './kill-campaign.ts'

const seed = Number(process.env['ORCHESTRATE_SEED'] ?? 20_261_121)
const times = Number(process.env['ORCHESTRATE_TIMES'] ?? 1)
const kills = 10
/** 40 kills each time, 1 000 and more with `ORCHESTRATE_TIMES=10`. */
const campaigns = Array.from({ length: (times < 10 ? 4 : 10) * times }, (_, index) => seed + index)

test.concurrent.each(campaigns)(
  'whenever the daemon is killed, nothing recorded is lost, doubled or executed again (ORCHESTRATE_SEED=%i)',
  async own => {
    const campaign = await runCampaign(own, kills)
    const figures = figuresOf(campaign)
    expect(violationsOf(campaign)).toEqual([])
    // It was a campaign: kills met work at the hosts, and what was in flight was asked for again.
    expect(figures.kills).toBe(kills)
    expect(figures.killsInFlight).toBeGreaterThanOrEqual(kills / 5)
    expect(figures.repeats).toBeGreaterThan(0)
    expect(figures.acknowledged).toBeGreaterThan(0)
  },
  300_000,
)
