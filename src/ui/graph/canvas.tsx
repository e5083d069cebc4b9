import '@xyflow/react/dist/base.css'
import {
  Background,
  BackgroundVariant,
  type Node,
  type NodeTypes,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  ViewportPortal,
} from '@xyflow/react'
import { type ReactElement, type ReactNode, useEffect } from 'react'

export interface CanvasOptions {
  readonly label: string
  readonly nodes: Node[]
  readonly nodeTypes: NodeTypes
  readonly width: number
  readonly height: number
  /** Lines, as shapes of an SVG in the coordinates of the nodes. */
  readonly lines: ReactNode
  /** The node to be in view; changing it moves the view there if need be. */
  readonly focus?: string | undefined
  /** Called by a click on the canvas where nothing is. */
  onEmptyClick?(): void
}

/** A picture that can be moved and zoomed; places come from the layout and stay. */
export function Canvas(options: CanvasOptions): ReactElement {
  return (
    <ReactFlowProvider>
      <Flow {...options} />
    </ReactFlowProvider>
  )
}

/** Below this zoom nobody can read: a node is a tile with a glyph. */
const tileZoom = 0.42

export function useIsTile(): boolean {
  return useStore(({ transform }) => transform[2] < tileZoom)
}

const fit = { padding: 0.06, maxZoom: 1.15 }

function Flow({ label, nodes, nodeTypes, width, height, lines, focus, onEmptyClick }: CanvasOptions): ReactElement {
  return (
    <ReactFlow
      aria-label={label}
      nodes={nodes}
      nodeTypes={nodeTypes}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      elementsSelectable={false}
      disableKeyboardA11y
      onlyRenderVisibleElements={nodes.length > 150}
      zoomOnDoubleClick={false}
      minZoom={0.05}
      maxZoom={2}
      fitView
      fitViewOptions={fit}
      proOptions={{ hideAttribution: true }}
      {...(onEmptyClick && { onPaneClick: onEmptyClick })}
    >
      <Background variant={BackgroundVariant.Dots} gap={20} size={1} color="var(--line)" />
      <ViewportPortal>
        <svg
          className="pointer-events-none absolute top-0 left-0 z-50 overflow-visible"
          {...{ width, height }}
          aria-hidden="true"
        >
          {lines}
        </svg>
      </ViewportPortal>
      <ZoomButtons />
      <Focus node={focus} size={width + height} />
    </ReactFlow>
  )
}

function ZoomButtons(): ReactElement {
  const { zoomIn, zoomOut, fitView } = useReactFlow()
  const buttons = [
    { label: 'Zoom in', icon: 'M3 7h8M7 3v8', press: () => zoomIn() },
    { label: 'Zoom out', icon: 'M3 7h8', press: () => zoomOut() },
    { label: 'Show everything', icon: 'M2 5V2h3M9 2h3v3M12 9v3H9M5 12H2V9', press: () => fitView(fit) },
  ]
  return (
    <div className="absolute bottom-2 left-2 z-10 flex flex-col gap-1">
      {buttons.map(({ label, icon, press }) => (
        <button
          key={label}
          type="button"
          aria-label={label}
          title={label}
          className="button h-7 w-7 justify-center px-0"
          onClick={() => void press()}
        >
          <svg
            width="14"
            height="14"
            viewBox="0 0 14 14"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            aria-hidden="true"
          >
            <path d={icon} />
          </svg>
        </button>
      ))}
    </div>
  )
}

/** Brings the chosen node into view, and everything when the picture or its frame has another size. */
function Focus({ node, size }: { node: string | undefined; size: number }): ReactElement {
  const { fitView, getNode, getViewport, setCenter } = useReactFlow()
  const width = useStore(state => state.width)
  const height = useStore(state => state.height)
  useEffect(() => void fitView(fit), [size, width, height, fitView])
  useEffect(() => {
    const found = node === undefined ? undefined : getNode(node)
    if (!found) return
    const { x, y, zoom } = getViewport()
    const [middleX, middleY] = [found.position.x + (found.width ?? 0) / 2, found.position.y + 20]
    const [left, top] = [middleX * zoom + x, middleY * zoom + y]
    const isInView = left > 40 && top > 20 && left < width - 40 && top < height - 20
    if (!isInView) void setCenter(middleX, middleY, { zoom: Math.max(zoom, 0.6), duration: 120 })
    // Only another choice moves the view, not another size.
  }, [node])
  return <></>
}
