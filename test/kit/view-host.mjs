// The host's half of MCP Apps, in a page: the extension's own implementation of it around one frame. Bundled by view-page.ts.
import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge'

const CAPABILITIES = { serverTools: {}, openLinks: {} }

window.showView = async (html, hostContext, without = []) => {
  document.querySelector('iframe')?.remove()
  const frame = document.createElement('iframe')
  frame.title = 'The result of a tool'
  // As clients do: scripts, and nothing else. Its origin is nobody's.
  frame.setAttribute('sandbox', 'allow-scripts')
  document.body.append(frame)
  const capabilities = Object.fromEntries(
    Object.entries(CAPABILITIES).filter(([name]) => !without.includes(name)),
  )
  const bridge = new AppBridge(null, { name: 'host-page', version: '1' }, capabilities, { hostContext })
  const isReady = new Promise((resolve) => {
    bridge.oninitialized = resolve
  })
  bridge.oncalltool = (params) => window.callTool(params)
  bridge.onopenlink = async ({ url }) => {
    await window.openedLink(url)
    return {}
  }
  bridge.onsizechange = ({ height }) => {
    frame.style.height = `${height}px`
  }
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow))
  frame.srcdoc = html
  await isReady
  window.view = bridge
}

window.showResult = async (args, result) => {
  await window.view.sendToolInput({ arguments: args })
  if (result !== undefined) await window.view.sendToolResult(result)
}
