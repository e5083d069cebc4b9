import { create } from 'zustand'

export type Theme = 'system' | 'light' | 'dark'

const key = 'orchestrate-theme'
const isDark = matchMedia('(prefers-color-scheme: dark)')

/** The theme that a person chose, and whether that makes the page dark now. */
export const useTheme = create<{ readonly theme: Theme; readonly isDark: boolean }>(() => ({
  theme: savedTheme(),
  isDark: looksDark(savedTheme()),
}))

/** Chooses a theme, here and on later visits. */
export function chooseTheme(theme: Theme): void {
  localStorage.setItem(key, theme)
  useTheme.setState({ theme, isDark: looksDark(theme) })
}

/** Shows the page in the chosen theme from now on. */
export function followTheme(): void {
  const show = (dark: boolean): void => {
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light'
  }
  show(useTheme.getState().isDark)
  useTheme.subscribe(state => show(state.isDark))
  isDark.addEventListener('change', () => chooseTheme(useTheme.getState().theme))
}

function looksDark(theme: Theme): boolean {
  return theme === 'system' ? isDark.matches : theme === 'dark'
}

function savedTheme(): Theme {
  const saved = localStorage.getItem(key)
  return saved === 'light' || saved === 'dark' ? saved : 'system'
}
