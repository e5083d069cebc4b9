import type { ReactElement } from 'react'
import { chooseTheme, type Theme, useTheme } from './theme.ts'

const themes: readonly { readonly theme: Theme; readonly label: string; readonly glyph: string }[] = [
  { theme: 'system', label: 'Colours of the system', glyph: '◐' },
  { theme: 'light', label: 'Light', glyph: '☀' },
  { theme: 'dark', label: 'Dark', glyph: '☾' },
]

/** Chooses between the colours of the system, light and dark. */
export function ThemeSwitch(): ReactElement {
  const chosen = useTheme(state => state.theme)
  return (
    <div role="radiogroup" aria-label="Colours" className="flex rounded-md border border-line bg-raise p-0.5">
      {themes.map(({ theme, label, glyph }) => (
        <button
          key={theme}
          type="button"
          role="radio"
          aria-checked={theme === chosen}
          aria-label={label}
          title={label}
          onClick={() => chooseTheme(theme)}
          className={`h-6 w-7 rounded ${theme === chosen ? 'bg-panel text-text' : 'text-dim'}`}
        >
          {glyph}
        </button>
      ))}
    </div>
  )
}
