import './style.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Shell } from './app/shell.tsx'
import { followTheme } from './app/theme.ts'

followTheme()
const place = document.getElementById('root')
if (place) {
  createRoot(place).render(
    <StrictMode>
      <Shell />
    </StrictMode>,
  )
}
