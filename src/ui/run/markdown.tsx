import { memo, type ReactElement } from 'react'
import Markdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'

/** Text of a model makes no HTML, and fetches nothing: a picture becomes a link to it. */
const components: Components = {
  img: ({ src, alt }) => <Outside href={typeof src === 'string' ? src : ''}>{alt || 'picture'}</Outside>,
  a: ({ href, children }) => <Outside href={href ?? ''}>{children}</Outside>,
}

function Outside({ href, children }: { href: string; children: React.ReactNode }): ReactElement {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener nofollow" className="link underline" title={href}>
      {children}
    </a>
  )
}

/** Markdown that somebody else wrote. */
export const MarkdownText = memo(function MarkdownText({ children }: { children: string }): ReactElement {
  return (
    <div className="markdown">
      <Markdown remarkPlugins={[remarkGfm]} components={components} skipHtml>
        {children}
      </Markdown>
    </div>
  )
})
