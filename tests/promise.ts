import { says, type Sentence } from './language/sentence.ts'

const campaign =
  'daemon/kill-campaign.test.ts > whenever the daemon is killed, nothing recorded is lost, doubled or executed again (ORCHESTRATE_SEED=%i)'
const simulation =
  'simulation/simulation.test.ts > through crashes, lost writes, refused writes and clocks set back no promise to a run is broken'
const sameAttempt =
  'runtime/keeper.test.ts > an attempt in flight when the process ends is executed again, as the same attempt'
const killed =
  'daemon/kill.test.ts > after kill -9 in the middle of a run no recorded answer is asked for again, and what was in flight is, under its own key'

/** What the product promises of runs, and the tests that fail when a promise is broken. */
export const promise: readonly Sentence[] = [
  says(
    'A step whose result was recorded is never executed again in that run, whatever crashes: no recorded answer is paid for twice.',
    campaign,
    simulation,
    killed,
    'runtime/keeper-laws.test.ts > through refused writes and dying processes every run ends, and nothing that was recorded is executed again',
  ),
  says(
    'A step that was in flight when the process died is executed again (at least once).',
    campaign,
    sameAttempt,
    'runtime/replay.test.ts > from every turn on, a new process finds the same work under way',
  ),
  says(
    'Its `Idempotency-Key` header and `attempt` number are the same for the retry of the same attempt, so that a host or tool that honours it can tell.',
    campaign,
    killed,
    sameAttempt,
  ),
  says(
    'A run that was acknowledged is never lost: it is driven to a final state as long as the daemon is restarted and its disk keeps what it synced.',
    campaign,
    simulation,
    'runtime/replay.test.ts > a run that crashes again and again ends as one that never did',
  ),
  says(
    'One trigger starts at most one run.',
    campaign,
    'daemon/up.test.ts > a commit of a workflow starts exactly one run; other commits, a restart and the trace start none',
    'controller/controller.test.ts > a crash between start and mark starts the same run under the same id, even when a trace landed meanwhile',
  ),
  says(
    'Replay of a finished run gives the same outputs, byte for byte, with no network.',
    'cli/replay.test.ts > %s gives the same outputs again, byte for byte, with the network off',
    'cli/replay.test.ts > a finished run of a workspace is replayed from its journal alone, with the network off',
    'runtime/reuse.test.ts > whatever a run came to, replaying it executes nothing and finds no difference',
  ),
  says(
    'After `kill -9`, power loss or a full disk, either the journal has the event or it does not; a torn tail is discarded and said so in the log.',
    campaign,
    simulation,
    'store/store.test.ts > a full disk refuses the whole commit, and the journal goes on when something fits',
    'daemon/torn-tail.test.ts > wherever the log is cut, the journal is a beginning of what it was, and the rest is counted as torn',
    'daemon/torn-tail.test.ts > a daemon says that the journal it found was torn, and brings its run to an end',
  ),
  says(
    'On ENOSPC or EIO nothing is acknowledged: runs pause, `/healthz` says why, and they go on by themselves when there is room.',
    simulation,
    'daemon/ground-disk.test.ts > a full disk is said by the server and beside the runs; nothing acknowledged is lost, and all goes on when there is room',
    'runtime/keeper.test.ts > a journal that cannot be written lets nothing out, and all goes on by itself when it can',
    'runtime/keeper.test.ts > a result that comes while the journal cannot be written is kept, and causes nothing until it can',
  ),
]
