import { Dialog } from 'radix-ui'
import type { ReactElement } from 'react'
import { keyList } from './keys.ts'
import { toggle } from './view-state.ts'

/** All keys. */
export function Help(): ReactElement {
  return (
    <Dialog.Root open onOpenChange={() => toggle('isHelpOpen')}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-1/4 left-1/2 z-50 w-[420px] -translate-x-1/2 rounded-md border border-line bg-panel p-4 shadow-lg"
        >
          <Dialog.Title className="mb-3 text-title font-semibold">Keys</Dialog.Title>
          <dl className="grid grid-cols-[110px_1fr] gap-y-1.5">
            {keyList.map(([keys, does]) => (
              <div key={keys} className="contents">
                <dt>
                  <kbd>{keys}</kbd>
                </dt>
                <dd className="text-dim">{does}</dd>
              </div>
            ))}
          </dl>
          <Dialog.Close className="button mt-4">Close</Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
